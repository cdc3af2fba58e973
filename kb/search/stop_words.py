"""Words too common to be looked for by themselves, per language, folded as `words.fold` folds them."""

ENGLISH = """
a about after again all already also always am an and another any anyone anything are arent as ask at be because been
before being both but by can cannot cant come could couldnt did didnt do does doesnt doing dont done each else even
every for from get gets getting go goes going got had happen happened happening happens has hasnt have havent having
he hello help her here hey hi him his how i id if ill im in into is isnt it its ive just know let like make makes many
may maybe me might mine more most much must my myself need needs no not now of ok okay on once one only or other our
out over own please possible really same see seem seems she should shouldnt show so some someone something still such
take tell than thank thanks that thats the their them then there theres these they thing things think this those
through to too try trying under until us use very want wanted wants was wasnt way we well went were werent what whats
when whens where wheres which while who whom whose why will wish with without wont would wouldnt yes yet you youll
your youre yours
"""

SPANISH = """
a al algo alguien algun alguna algunas alguno algunos ante antes aqui asi aun aunque ayuda bien cada como con cosa
cosas cual cuales cualquier cuando cuanta cuantas cuanto cuantos de debe debo del desde donde dos el ella ellas ellos
en entre era eran eres es esa esas ese eso esos esta estaba estan estar estas este esto estos estoy favor fue fueron
gracias gustaria ha habia haber hace hacen hacer haceis hacia hago han has hasta hay he hemos hola ir la las le les lo
los mas me mi mia mias mientras mio mios mis mismo misma muy nada necesita necesito ni no nos nosotros nuestra nuestro
o os otra otras otro otros para pero pasa poco podeis podemos podia podria por porque posible puede pueden puedes
puedo pues que quiere quiero quien quienes quisiera saber se sea ser si sido siempre sin sobre sois solo somos son soy
su sus suya suyo tal tambien tampoco tan tanto te tendria teneis tenemos tener tengo ti tiene tienen tienes todavia
todo todos toda todas tu tus un una unas uno unos usted ustedes va vais vamos van vaya ver vez voy vuestra vuestro y
ya yo
"""

STOP_WORDS = {"en": frozenset(ENGLISH.split()), "es": frozenset(SPANISH.split())}
