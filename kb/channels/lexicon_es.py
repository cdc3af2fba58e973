"""Spanish words that the gate reads: numbers, units, and the marks of negation, modality and qualification."""

ONES = ["cero", "un", "uno", "una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
NUMBERS: dict[str, int] = {
    "cero": 0, "un": 1, "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
    "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15,
    "dieciséis": 16, "dieciseis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20,
    "veintiún": 21, "veintiuno": 21, "veintiuna": 21, "veintidós": 22, "veintitrés": 23, "veinticuatro": 24,
    "veinticinco": 25, "veintiséis": 26, "veintisiete": 27, "veintiocho": 28, "veintinueve": 29, "treinta": 30,
    "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90, "cien": 100,
    "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300, "trescientas": 300,
    "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500, "quinientas": 500, "seiscientos": 600,
    "seiscientas": 600, "setecientos": 700, "setecientas": 700, "ochocientos": 800, "ochocientas": 800,
    "novecientos": 900, "novecientas": 900,
}  # fmt: skip
SCALES: dict[str, int] = {"mil": 1_000, "millón": 1_000_000, "millones": 1_000_000}

_TENS = "|".join(word for word, number in NUMBERS.items() if 30 <= number <= 90)
_HUNDREDS = "|".join(word for word, number in NUMBERS.items() if number >= 100)
_LOW = "|".join(sorted((word for word, number in NUMBERS.items() if number < 30), key=len, reverse=True))
_SMALL = rf"(?:(?:{_TENS})(?:[ ]y[ ](?:{'|'.join(ONES[1:])}))?|(?:{_LOW}))(?!\w)"
_BELOW_THOUSAND = rf"(?:(?:{_HUNDREDS})(?:[ ]{_SMALL})?|{_SMALL})"
NUMBER = rf"(?:(?:{_BELOW_THOUSAND}[ ])?(?:mil|millón|millones)(?!\w)(?:[ ]{_BELOW_THOUSAND})?|{_BELOW_THOUSAND})"
"""A number in words, up to millions; `y` joins tens and ones alone, so that `entre cinco y siete` stays two numbers."""

DIGITS = r"\d{1,3}(?:[.\u00a0\u202f]\d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?(?:\.\d{1,2}(?!\d))?"
GROUPING, POINT = ".\u00a0\u202f", ","

MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
MONTH_FORMS: dict[str, int] = {
    **{month: number for number, month in enumerate(MONTHS, start=1)},
    **{month[:3]: number for number, month in enumerate(MONTHS, start=1)},
    "setiembre": 9,
}

UNITS: dict[str, str] = {
    "minuto": "minutes",
    "min": "minutes",
    "hora": "hours",
    "día laborable": "working-days",
    "días laborable": "working-days",
    "días hábile": "working-days",
    "día hábil": "working-days",
    "días de trabajo": "working-days",
    "día naturale": "days",
    "días naturale": "days",
    "día natural": "days",
    "día": "days",
    "noche": "days",
    "semana": "weeks",
    "mese": "months",
    "mes": "months",
    "año": "years",
    "segundo": "seconds",
}
UNIT_ENDING = r"s?"

CURRENCIES: dict[str, str] = {
    "libras esterlinas": "GBP",
    "libras": "GBP",
    "libra": "GBP",
    "euros": "EUR",
    "euro": "EUR",
    "dólares": "USD",
    "dólar": "USD",
}
CENTS: dict[str, str] = {"peniques": "GBP", "penique": "GBP", "p": "GBP", "céntimos": "EUR", "céntimo": "EUR"}
PERCENT = r"%|por[ ]ciento"
RANGE = r"a|o|y|u|hasta|-|–|—"
RANGE_OPENERS = r"(?:entre|de|desde)\s+(?:[£€$]\s?)?$"
NOT_COUNTED = (
    r"(?:paso|pulsa|opción|responde|versión|página|sección|artículo|nota|ios|android|windows|visa|parte|nivel)\s+"
    r"(?:el\s+)?$"
)
INDEFINITE = (
    r"\b(en|tras|después de|menos de|más de|durante|al menos|dentro de|tardan?|tardará|tardar|lleva|dura|duran|unos?"
    r"|casi|otro|otra|máximo de|plazo de|hasta)\s+$"
)
LASTING = r"\s+(?:como (?:máximo|mucho|mínimo)|a lo sumo|o menos|o más|o dos|laborable|antes|después|más tarde)"
"""What follows `un día` where it is a length of time after all, not a rate (`un día o dos`)."""
FIXED_DURATIONS: dict[str, tuple[str, str]] = {"media hora": ("30", "minutes"), "una quincena": ("15", "days")}
IDIOMS = r"cien por cien|(?<=cerca de )(?:una libra|un euro)|(?:un|uno|una) o dos(?! (?:{units}))"
ROUND_THE_CLOCK = (
    r"24[ ]?/[ ]?7|(?:las[ ](?:24|veinticuatro)[ ]horas(?:[ ](?:del|al)[ ]día)?|(?:24|veinticuatro)[ ]horas[ ]al[ ]día)"
    r"(?:,?[ ](?:los[ ])?(?:7|siete)[ ]días(?:[ ](?:de|a)[ ]la[ ]semana)?)?"
    r"|a[ ]todas[ ]horas|a[ ]cualquier[ ]hora|día[ ]y[ ]noche|(?:los[ ])?(?:7|siete)[ ]días[ ](?:de|a)[ ]la[ ]semana"
)
TIMES = (
    r"(?P<clock>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?[ \u00a0]?(?P<half>[ap])(?:m\b|\.[ \u00a0]?m\.)"
    r"|(?P<clock24>[01]?\d|2[0-4])[:.](?P<minute24>[0-5]\d)(?!\d)(?=[ \u00a0]?h\b|(?<=:\d\d))(?:[ \u00a0]?h\b\.?)?"
    r"|(?P<sharp>\d{1,2})[ \u00a0](?:h|horas)\b(?<=h)"
)
OPENING_WORDS = ("un", "una", "las", "los", "a", "día", "media")
"""Words that open a quantity without being a number."""
TIME_WORDS: dict[str, str] = {"mediodía": "12:00", "medianoche": "24:00"}
HALVES: dict[str, bool] = {"a": False, "p": True}
CALLING = r"\b(?:llama|llámanos|marca|envía|al)\s+(?:al\s+)?$"
NATIONAL_PHONE = r"[6789]\d{2}(?:[ .]?\d{3}){2}|[6789]\d{2}(?:[ .]\d{2}){3}|0\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}"
COUNTRY_CODE, TRUNK = "34", "0"

# ---- sentences -------------------------------------------------------------------------------------------------------

ABBREVIATIONS = """
p.ej ej etc sr sra sres dr dra núm n.º nº ud uds aprox ee.uu ee uu a.m p.m a p m tel máx mín pág art
"""

CONTRACTIONS: dict[str, tuple[str, ...]] = {"del": ("de", "el"), "al": ("a", "el")}
CONTRACTED_ENDINGS: dict[str, str] = {}

STOP_WORDS = """
el la los las un una unos unas lo de del al a en y e o u que se su sus tu tus te ti tú nos nuestro nuestra nuestros
nuestras me mi mis le les con por para es son está están ser estar ha has han hay he era fue esto esta este estas
estos eso esa ese como más muy ya si cuando no ni sin pero sino también todo toda todos todas cada otro otra porque
donde quien cual qué cómo cuándo así solo sólo hasta desde sobre entre tras usted ustedes nosotros nosotras aquí ahí
antes después luego hagamos haremos hace hacen hacemos hacer haces haga hagas hará haré tuyo tuya tuyos tuyas mío
mía suyo suya
"""

COST_STEMS = ("comision", "cost", "cuest", "cobr", "carg")

VERB_NEGATIONS = frozenset({"nadie", "no", "nunca", "jamás", "ya no", "tampoco"})
"""Negations that govern the verb after them; `nada`, `nadie` and their like stand beside one."""

PAIRED_NEGATIONS = frozenset({"ningún", "ninguna", "ninguno", "nada", "nadie"})
"""Negations that stand after a verb only where another one stands before it (`no pagas nada`)."""

LICENSING = frozenset({"no", "ni", "sin", "nunca", "jamás", "tampoco", *PAIRED_NEGATIONS})
"""Words before the verb that license one of those after it."""

CLITICS = frozenset({"me", "te", "se", "nos", "lo", "la", "le", "los", "las", "les"})
"""Pronouns between a negation and its verb."""

SOFT_NEGATIONS = """
rechazar rechazo denegar deniega fallo fallar impedir impide evitar falta faltar bloquear ilimitado prohibir prohíbe
prohibido caducar imposible incapaz excluir excluido restringir restricción retraso tarde congelar inválido difícil raro
salvo excepto erróneo incorrecto perder perdido carecer pendiente mismo mantener igual cerrar cerrado ocultar
olvidar recordar acordar acuerda acuérdate ignorar negar distinto diferente ilegal ilícito vacío ausente tirar desechar
desaparecer incompleto insuficiente inactivo desactivar nulo inútil exento parar detener anular
desconocido mal
"""
"""Words that say no without a negation: one of them may stand in another form for a `no`."""

IRREGULAR_VERBS = """
hacer hago hizo hecho hecha hechos hechas hiciste / decir digo dice dicen dices dijo dicho di / poder pude pudo /
tener tengo tuvo tienes tiene tenemos tienen tendrás tendrá / venir vengo viene vino ven / poner pongo puso puesto
puesta puestos puestas pon / salir salgo sal / dar doy dio dado das damos dan dé / saber sé supo sabes sabe / ver veo
visto vista vistos vistas vio ves ve / pedir pido pide pides piden pidió pidas pida pidamos / seguir sigo sigue siguen
siga / ir voy vas vamos van / leer leyó lee lees / elegir elijo elige eliges elija / traer traigo trajo trae / volver
vuelto vuelta vuelvo / abrir abierto abierta abiertos abiertas / escribir escrito escrita escritos escritas / devolver
devuelto devuelta devueltos devueltas devolución devoluciones / ofrecer ofrezco / conocer conozco / recibir recibe /
servir sirve sirven sirvo / romper roto rota rotos rotas / cubrir cubierto cubierta cubiertos cubiertas / resolver
resuelto resuelta resueltos resueltas / morir muerto / imprimir impreso impresa impresos impresas / revisar revisión
revisiones / cancelar cancelación / reclamar reclamación reclamaciones / verificar verificación / comprobar
comprobación / retirar retirada retiradas / recargar recarga recargas / pagar pago pagos / cobrar cobro cobros
"""
"""Verbs whose forms have no common stem, one between two signs: the verb itself, then its forms."""

INFLECTIONS = ("s", "n", "o", "r", "á", "é", "ó")
"""Endings that no verb has that tells somebody (`tú`) to act, pronouns apart."""

IMPERATIVES = """
toca abre ve llama llámanos comprueba elige selecciona envía envíanos dinos contacta pide inicia introduce guarda
espera prueba usa utiliza añade cambia avisa avísanos congela paga visita mira lee escribe escríbenos sigue confirma
actualiza haz pon activa bloquea revisa consulta entra pulsa recuerda ten sal sube descarga mantén deja cancela
solicita busca marca facilita presenta rellena verifica transfiere retira saca recarga cierra borra elimina reinicia
desliza escanea indica cuéntanos pregunta pregúntanos vuelve acude asegúrate actívala congélala págala pídela pídelo
hazlo cámbialo cámbiala devuelve reclama repite di acércate inténtalo intenta instala desactiva habla conserva renueva
muestra destruye copia comparte protege anota úsala úsalo cancélala cancélalo bloquéala compruébalo trae lleva ven
acepta aplica aprovecha aprueba amortiza ahorra apunta archiva baja cobra colabora completa compra conecta contesta
contrata corrige corta crea cuelga cuida da danos date dile decide declara descongela describe desconecta desbloquea
disfruta dona empieza encuentra entrega escucha evita explica extiende fija firma gasta genera gestiona graba ignora
imprime incluye informa ingresa invierte llena limita manda mándanos mete mueve nombra notifica observa ofrece olvida
ordena oculta participa pasa permite pospón practica prepara programa recibe recoge recupera reduce regala registra
rechaza relee reserva responde resuelve restablece reúne reinstala rompe salta silencia suma suscríbete tira toma trabaja
traslada tramita vende viaja vigila valora vacía vincula
"""
"""Verbs that a clause may begin with when it tells the reader (`tú`) to act."""
