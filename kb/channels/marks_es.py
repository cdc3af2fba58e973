"""Spanish marks of meaning: the words and phrases that negate, permit, oblige, recommend, limit, except and hedge."""

MARKS = """
neutral: para que podamos / para que puedas / nada más / si te hace falta / si lo necesitas /
    si así lo prefieres / si te viene bien / si te apetece / intentamos de nuevo / intentamos otra vez /
    lo intentaremos / lo intentamos / no olvides / no te olvides de / no te olvides / no olvides que /
    para poder / no solo / no sólo / no te preocupes / no obstante / no importa / no hay problema / puedes ver /
    puedes encontrar / puede ver / pueden ver / podrá ver / puede encontrar / lo antes posible / cuanto antes /
    no dudes en / si quieres / si lo deseas / por qué no / podrás ver / verás / encontrarás / sin duda /
    si lo prefieres / si prefieres / sin embargo / puedes consultar / cuando quieras / sobre todo / sin prisa /
    de # a # / de las # a las # / desde # hasta # / desde las # hasta las # / entre # y # / desaparece solo /
    desaparecer solo / desaparecerá solo / sube solo / baja solo / por sí solo / por sí sola / se puede ver
not: dejan * de / dejará * de / deja * de / irreversibles / incapaces / no disponibles / imposibles / dejes de /
    deje de / dejar de / dejarán de / dejan de / dejará de / dejas de / deja de / en la vida / en absoluto /
    bajo ningún concepto / de ningún modo / de ninguna manera / desaconsejable / desaconsejado /
    desaconsejamos / no / nunca / jamás / ningún / ninguna / ninguno / nada / nadie / ni / tampoco / imposible /
    no disponible / ya no / incapaz / en ningún caso / en ningún momento / irreversible
without: sin que / ausencia de / libre de / sin
free: no pagamos / no paguen / no paga / no pagan / no pagarán nada / no paga nada / no pagan nada /
    no lleva comisiones / no lleva comisión / sin que te cueste nada / sin pagar nada / no te cobraremos nada /
    no te cobramos nada / no cobramos nada / sin coste extra / no tiene ningún coste / no tiene coste /
    no conlleva comisión / no conlleva ningún coste / no conlleva coste / no supone coste /
    no supone ningún coste / libre de comisión / libre de comisiones / sin gasto / sin coste para ti /
    no te costará nada / no te cuesta nada / gratis / gratuito / gratuita / gratuitos / gratuitas /
    gratuitamente / de forma gratuita / sin coste / sin coste alguno / sin costes / sin comisión /
    sin comisiones / sin cargo / sin cargos / sin gastos / sin pagar / no cuesta nada / no pagas nada /
    no pagarás nada / nada que pagar / sin coste adicional / no pagas / no pagarás / corre de nuestra cuenta /
    por nuestra cuenta / sin ningún coste / sin ninguna comisión / exento de comisión / exenta de comisión /
    a nuestro cargo / no tienes que pagar / sin que pagues nada / no se paga nada / no se paga
may: eventualmente / existe la posibilidad de que / hay posibilidad de que / cabe que / es fácil que /
    pueda ser que / podríais / pudieran / pudieras / nos reservamos el derecho de /
    nos reservamos el derecho a / podría / podrían / podrías / podríamos / quizá / quizás / tal vez /
    a lo mejor / posiblemente / es posible que / puede que / cabe la posibilidad / existe la posibilidad /
    pudiera / puede ser que / es probable que
maybe: puntualmente / hay veces / en determinados casos / en ciertos casos / de cuando en cuando /
    algunas veces / alguna vez / varias / varios / ciertas / ciertos / algunos / algunas / algún / alguna /
    a veces / en ocasiones / según / depende / dependiendo / en algunos casos / en función de / no siempre /
    ocasionalmente / de vez en cuando
can: hay posibilidad de / hay opción de / posibilidad de / permiten que / permitirá / nos permite /
    te permiten / te permite / tenéis la opción de / podrían ser / poderse / podáis / podréis / podéis /
    autorizadas / autorizados / permitidas / permitidos / posibles / autorizada / autorizado / te permitimos /
    da la opción de / cabe / tiene la opción de / se pueden / se puede / es capaz de / puede / puedes /
    podemos / pueden / poder / podrá / podrás / podremos / podrán / permite / permiten / permitimos /
    es posible / posible / capaz de / tienes derecho a / tienes la opción de / tienes la posibilidad de /
    permitido / permitida / está permitido / te deja / te dejamos / puedas / pueda / podamos / puedan
instead: en vez de / en lugar de
otherwise: de lo contrario / en caso contrario / de no ser así / si no ,
asked: según la ley / la ley dice / la ley pide / por ley / te pediremos que / te pedimos que / te pediremos /
    te pedimos
enough: solas / sola / basta con / basta / bastan / te basta con / es suficiente / suficiente con /
    con eso basta / sobra con
unpromised: no podemos garantizar / no garantizamos / no podemos prometer / no prometemos /
    no podemos asegurar / no aseguramos / no podemos prometerte / no podemos garantizarte /
    no podemos asegurarte / no podemos prometértelo / no podemos garantizártelo / no te prometemos /
    no te garantizamos / no te podemos prometer / no te podemos garantizar / no te podemos asegurar
together: a la vez / a el mismo tiempo / simultáneamente / a un tiempo
supposed: crees que / piensas que / sospechas que / te parece que / creemos que / sospechamos que
aim: intentamos / intentaremos / procuramos / procuraremos / tratamos de / trataremos de / nuestro objetivo es /
    nuestra intención es / hacemos lo posible / haremos lo posible / aspiramos a / nuestra meta es /
    nos esforzamos / nos proponemos / hacemos todo lo posible / haremos todo lo posible / queremos
must: te obliga a / nos obliga a / obligan a / obliga a / es indispensable / indispensables / necesariamente /
    forzosamente / obligatoriamente / estamos obligados a / están obligados a / está obligado a /
    estás obligada a / estás obligado a / obligación de / preciso / deberéis / habrás de / habrá de /
    hagan falta / haga falta / necesiten / necesite / necesites / tengamos que / tengan que / debamos / deban /
    deba / debas / necesitáis / tendréis que / tenéis que / debéis / se exigen / se exige / se necesitan /
    se requieren / son necesarias / son necesarios / imprescindibles / obligatorias / obligatorios /
    necesarias / necesarios / harán falta / hacen falta / indispensable / precisa / precisamos /
    nos hace falta / te hace falta / no queda más remedio / requisito indispensable / es un requisito /
    requisito / hace falta que / es necesario que / es preciso que / es fundamental / es imprescindible / debe /
    debes / debemos / deben / deberá / deberás / deberemos / deberán / tienes que / tiene que / tenemos que /
    tienen que / tendrás que / tendrá que / tendremos que / tendrán que / hay que / habrá que / es necesario /
    necesario / necesaria / es obligatorio / obligatorio / obligatoria / imprescindible / necesitas / necesita /
    necesitamos / necesitan / necesitarás / necesitará / necesitaremos / hace falta / hará falta / asegúrate /
    has de / ha de / hemos de / han de / obligado a / obligados a / exige / exigen / exigimos / requiere /
    requieren / se necesita / se requiere / es preciso / toca / precisas / tengas que / tenga que
unneeded: no se precisa / no precisa / no precisas / no necesitan / no requieren / no es requisito /
    sin compromiso / sin ninguna obligación / ya no hace falta / ya no tienes que / ya no necesitas /
    no se pide / no se exige / no se requieren / no se necesitan / no tendrán que / no habrá que /
    no hay por qué / sin que necesites / sin que haga falta / sin que tengas que / no tenga que /
    no tengas que / no necesites / no hagan falta / no haga falta / no necesitáis / no tendréis que /
    no tenéis que / sin obligación de / no son imprescindibles / no son obligatorias / no son obligatorios /
    innecesarias / innecesaria / innecesarios / voluntarias / voluntarios / opcionales / no harán falta /
    no hacen falta / no hace falta tener / no obliga a / no estamos obligados a / no es esencial /
    no estás obligada a / no esenciales / no esencial / no tienen por qué / no tiene por qué /
    no tienes por qué / no tienes que / no tiene que / no tendrás que / no tenemos que / no hace falta /
    no es necesario / no necesitas / no necesitarás / no hay que / no hay necesidad / opcional /
    sin necesidad de / no se necesita / no se requiere / no es obligatorio / no es obligatoria / no hará falta /
    no es preciso / no requiere / no será necesario / no es imprescindible / innecesario / sin tener que /
    no tienen que / no necesita / no exige / no exigimos / no pedimos / no hace falta que / no es necesaria /
    voluntario / voluntaria / no te pediremos / no te pedimos / no estás obligado a / no son necesarias /
    no son necesarios
should: tendrían que / habría que / tendríamos que / tendría que / tendrías que / a ser posible /
    preferiblemente / es preferible / merece la pena / vale la pena / aconseja / os recomendamos /
    te aconsejamos / te sugerimos / convendrá / sería mejor / sería bueno / debierais / deberíais / debería /
    deberías / deberíamos / deberían / conviene / recomendamos / recomendable / aconsejamos / aconsejable /
    es mejor / lo mejor es / sugerimos / recomienda / te recomendamos / es buena idea / previsiblemente /
    probablemente / se espera que / es aconsejable / convendría / lo ideal es / mejor
will: de forma garantizada / voy a / vas a / va a / vamos a / van a / siempre / con seguridad / seguro que /
    garantizamos / garantizado / garantiza / sin falta / definitivamente / garantizada / con toda seguridad
at-most: hasta los # / o menos / hasta # / no pagarás más de / no pagas más de / no cobramos más de /
    no te cobramos más de / no cuesta más de / como máximo / como mucho / un máximo de / máximo de / máximo /
    máxima / no más de / # o menos / a lo sumo / no supera / no superar / no superes / no exceder / no excede /
    tope de / un tope de / límite de / el límite es / no puede superar / no pasar de / no pasa de /
    el máximo es / limitado a / limitada a / hasta un máximo de / hasta un total de / no superior a /
    nunca más de / el tope es / no supere / no superará / límite es / no tarda más de / no tardará más de /
    no tarda nunca más de / no rebasa / no más tarde / inferior o igual a
within: hasta las # / como muy tarde / dentro de / en menos de / a más tardar / en un plazo de /
    en el plazo de / antes de # / antes del # / menos de # / en un plazo máximo de / no más tarde de /
    no más tarde del / antes de que pasen # / en los primeros / en las primeras / inferior a / inferiores a /
    por debajo de / hasta el # / para el # / antes de las # / antes de el # / hasta el final de # /
    en el transcurso de / menos de / el plazo es de / plazo de / hasta a las # / hasta final de # /
    antes de que acaben # / menor de # / menores de # / hasta el # incluido / antes de que pasen los # /
    no llega a # / antes de que se cumplan #
in: hay # para / tienes # / durante las # / durante los # / dentro de los # / en # / en los próximos # /
    en las próximas # / durante # / los próximos # / las próximas # / los # siguientes / tienes # para /
    en los # siguientes / al cabo de # / llega en # / los # posteriores / dispones de # / cuentas con # / de # /
    tienes # de plazo / las # siguientes / en # días
at-least: o mayores / o mayor / o más / con # cumplidos / desde el # / desde las # / desde los # / o superior /
    o superiores / o posterior / o más reciente / al menos / por lo menos / como mínimo / un mínimo de /
    mínimo de / mínimo / mínima / # o más / # * o más / a partir de # / desde # / no menos de / no inferior a /
    mayor de # / mayores de # / en adelante / cuando menos / # en adelante / el mínimo es / no antes de # /
    igual o superior a / no antes del # / cumplidos / ya cumplidos
more: que exceda / que excedan / de más de # / que pase de # / que pasen de # / mayor que # / mayores que # /
    que supere / que superen / más de # / superior a / superiores a / superen / supera / superan /
    por encima de / excede / exceden / más allá de / supere / más tarde de / más de / excedan / sobrepasa /
    superar / superior / más tiempo de / pase de # / pasan de # / sobrepase
after: a partir de esa cantidad / a partir de entonces / a partir de ahí / a el cabo de los # / a las # de /
    pasado el # / pasada # / pasado # / transcurrido # / transcurrida # / cuando hayan pasado # /
    cuando pasen # / una vez pasen # / tras # / después de # / posterior a # / posteriores a # /
    posterior a las # / posteriores a las # / posterior a el # / posteriores a el # / después de las # /
    a partir de las # / pasados # / pasadas # / una vez transcurridos # / transcurridos # / cumplidos los # /
    a el cabo de # / después de el # / una vez pasados # / tras los primeros # / después de los primeros # /
    tras los # / después de los # / a partir de el # / a partir de los # / espera #
only: nada que no / ni una más / nadie que no / exclusivas para / exclusivas / exclusivos / un único /
    una única / no más de una vez / estrictamente / nada más que / tan sólo / tan solo / exclusivo para /
    exclusiva para / reservado para / reservada a / reservado a / una sola / un solo / solo / sólo / solamente /
    únicamente / exclusivamente / nadie más / el único / la única / único / única / no más que / nadie más que /
    los únicos / las únicas / no * más que / no * otra / no * otro / nadie salvo / ningún otro / ninguna otra /
    en exclusiva / nadie excepto / en ningún otro / exclusivo de
except: no tiene más * que / no hay más * que / no * más * que / no se aplica / sin contar / con una excepción /
    menos si / a excepción / excepto / salvo / a menos que / a no ser que / menos en / salvo que / excepto si /
    salvo si / con excepción de / a excepción de / exceptuando / excluyendo / aparte de / salvo cuando /
    excepción / con la excepción de / quitando / excepciones / excluidos / excluidas / no incluye / menos los /
    menos el / menos la / menos las / fuera de
if: por si / por si acaso / si / siempre que / siempre y cuando / con tal de que / en caso de / en caso de que /
    a condición de que / con la condición de que / cuando se trate de
even: incluso / aun / aun cuando / por más que / por mucho que / pese a / a pesar de / aunque / incluso si /
    aun si / incluso cuando / incluso sin / en cualquier caso / da igual / sea cual sea /
    independientemente de
when: cuando / una vez / una vez que / en cuanto / tras / después de / cada vez que / al / con / quien /
    quienes / que / para / a el / donde
until: previamente a / previo a / hasta que / antes de / antes de que / hasta
usually: usuales / más probables / más probable / lo más probable / habituales / más habitual / más habituales /
    más frecuente / más frecuentes / más común / más comunes / usualmente / las más de las veces /
    la mayoría de veces / en términos generales / por lo regular / de costumbre / suelo / solerán / solía /
    sueles / soléis / acostumbran / acostumbra / suele ser / comúnmente / lo más normal / lo más habitual /
    por lo común / casi todas las veces / la mayoría de las veces / la mayor parte de / normalmente /
    habitualmente / por lo general / generalmente / suele / suelen / solemos / en la mayoría de los casos /
    casi siempre / por regla general / en general / la mayoría / de media / de normal / por norma general /
    a menudo / habitual / lo normal es / lo habitual es / casi todos / casi todas / mayoritariamente /
    frecuentemente / muchos / muchas / lo normal
about: sobre el # / sobre la # / sobre las # / hacia el # / hacia la # / hacia las # / por término medio /
    una media de / en torno a # / o así / a eso de / cerca de # / alrededor de # / aproximadamente # /
    más o menos # / cosa de # / unos # / unas # / alrededor de / aproximadamente / cerca de / en torno a /
    más o menos / aprox / casi # / de media / aproximado / aproximada / sobre # / de promedio
same-day: mismo día / hoy mismo / hoy / mismo día laborable
next-day: laborable siguiente / día posterior / otro día laborable / día de después / siguiente laborable /
    día siguiente / a el día siguiente / a el día laborable siguiente / a el día hábil siguiente /
    siguiente día / mañana / siguiente día laborable / día laborable siguiente / siguiente día hábil /
    próximo día laborable
at-once: sin esperar / sin esperas / en el mismo instante / en unos segundos / en cuestión de segundos /
    en el mismo momento / de forma instantánea / de manera inmediata / de forma inmediata / rápidamente /
    a el segundo / en un instante / sin demora / ya mismo / en tiempo real / sobre la marcha / al instante /
    de inmediato / inmediatamente / en el acto / enseguida / a el instante / a el momento / inmediato /
    inmediata / en el momento / instantáneo / instantánea / instantáneamente / en segundos
all: todos los / todas las / todo el / toda la / cada / todos / todas / en todos los casos / en todo caso
per-day: por jornada / todos los días / a diario / una vez al día / al día / por día / diario / diaria /
    diarios / diarias / cada día / a el día / diariamente / en un día / en un mismo día
per-week: a la semana / por semana / semanal / semanales / cada semana / semanalmente
per-month: una vez al mes / al mes / por mes / mensual / mensuales / cada mes / mensualmente / a el mes /
    en un mes / en un mismo mes / todos los meses / por mes natural
per-year: al año / por año / anual / anuales / cada año / anualmente / a el año / en un año / todos los años
"""
"""One mark a paragraph, its phrases divided by `/`; contractions are written out.

`#` is a figure or a fact, `*` any one word. `neutral` phrases look like a mark and are none."""

OPPOSITES = """
congela congelar congelada congelas / descongela descongelar descongelada descongelas
bloquea bloquear bloqueada bloqueado / desbloquea desbloquear desbloqueada desbloqueado
activa activar activas / desactiva desactivar desactivas
acepta aceptan aceptar aceptado / rechaza rechazan rechazar rechazado
válido válida / inválido inválida
sube aumenta subir aumentar / baja disminuye bajar disminuir
remitente ordenante / destinatario beneficiario
dentro / fuera
incluye incluido incluida incluidos / excluye excluido excluida excluidos aparte
posible / imposible
reversible / irreversible
crédito / débito
superior mayor / inferior menor
"""
"""Words that say the opposite of each other, one pair of groups a line."""
