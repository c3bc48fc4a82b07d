"""Sentences of news in languages that the bot does not publish in."""

_WRITTEN = {
    "be": """
Урад зацвердзіў новы бюджэт краіны на наступны год.
Жыхары вёскі просяць адрамантаваць стары мост праз раку.
Учора ўвечары ў цэнтры горада адбыўся вялікі канцэрт.
Міністр заявіў, што цэны на паліва не будуць расці.
Навукоўцы знайшлі рэдкую птушку ў лесе каля возера.
Каманда з Мінска выйграла апошні матч сезона.
Пажарныя патушылі агонь на складзе за дзве гадзіны.
Настаўнікі атрымаюць большы заробак з першага верасня.
""",
    "bg": """
Правителството прие новия бюджет за следващата година.
Жителите на селото искат ремонт на стария мост над реката.
Снощи в центъра на града се проведе голям концерт.
Министърът заяви, че цените на горивата няма да растат.
Учени откриха рядка птица в гората край езерото.
Отборът от столицата спечели последния мач за сезона.
Пожарникарите овладяха огъня в склада за два часа.
Учителите ще получават повече пари от първи септември.
""",
    "kk": """
Үкімет келесі жылға арналған жаңа бюджетті бекітті.
Ауыл тұрғындары өзен үстіндегі ескі көпірді жөндеуді сұрайды.
Кеше кешке қала орталығында үлкен концерт өтті.
Министр отын бағасы өспейді деп мәлімдеді.
Ғалымдар көл жағасындағы орманда сирек құс тапты.
Астаналық команда маусымның соңғы ойынында жеңіске жетті.
Өрт сөндірушілер қоймадағы отты екі сағатта сөндірді.
Мұғалімдердің жалақысы қыркүйектен бастап өседі.
""",
    "sr": """
Влада је усвојила нови буџет за следећу годину.
Становници села траже поправку старог моста преко реке.
Синоћ је у центру града одржан велики концерт.
Министар је изјавио да цене горива неће расти.
Научници су пронашли ретку птицу у шуми поред језера.
Екипа из Београда победила је у последњој утакмици сезоне.
Ватрогасци су угасили пожар у складишту за два сата.
Наставници ће од септембра добијати веће плате.
""",
    "mk": """
Владата го усвои новиот буџет за следната година.
Жителите на селото бараат поправка на стариот мост.
Синоќа во центарот на градот се одржа голем концерт.
Министерот изјави дека цените на горивата нема да растат.
""",
    "ky": """
Өкмөт кийинки жылга жаңы бюджетти бекитти.
Айыл тургундары дарыядагы эски көпүрөнү оңдоону суранышты.
Кечээ кечинде шаардын борборунда чоң концерт болду.
Окумуштуулар көлдүн жанындагы токойдон сейрек кушту табышты.
""",
    "pl": """
Rząd przyjął nowy budżet państwa na przyszły rok.
Mieszkańcy wsi proszą o remont starego mostu nad rzeką.
Wczoraj wieczorem w centrum miasta odbył się wielki koncert.
Minister zapewnił, że ceny paliw nie wzrosną.
Naukowcy znaleźli rzadkiego ptaka w lesie nad jeziorem.
Zespół ze stolicy wygrał ostatni mecz sezonu.
Strażacy ugasili pożar w magazynie w dwie godziny.
Nauczyciele dostaną od września wyższe pensje.
""",
    "de": """
Die Regierung hat den neuen Haushalt für das kommende Jahr beschlossen.
Die Bewohner des Dorfes bitten um die Reparatur der alten Brücke.
Gestern Abend fand im Zentrum der Stadt ein großes Konzert statt.
Der Minister erklärte, die Preise für Benzin würden nicht steigen.
Forscher fanden einen seltenen Vogel im Wald am See.
Die Mannschaft aus Berlin gewann das letzte Spiel der Saison.
Die Feuerwehr löschte den Brand im Lager in zwei Stunden.
Lehrer bekommen ab September mehr Geld.
""",
    "cs": """
Vláda schválila nový rozpočet na příští rok.
Obyvatelé vesnice žádají opravu starého mostu přes řeku.
Včera večer se v centru města konal velký koncert.
Vědci našli v lese u jezera vzácného ptáka.
""",
    "fr": """
Le gouvernement a adopté le nouveau budget pour l'année prochaine.
Les habitants du village demandent la réparation du vieux pont.
Un grand concert a eu lieu hier soir au centre de la ville.
Des chercheurs ont trouvé un oiseau rare près du lac.
""",
    "es": """
El gobierno aprobó el nuevo presupuesto para el próximo año.
Los vecinos del pueblo piden arreglar el viejo puente.
Anoche se celebró un gran concierto en el centro de la ciudad.
Unos científicos encontraron un ave rara junto al lago.
""",
    "tr": """
Hükümet gelecek yılın bütçesini onayladı.
Köy sakinleri nehrin üzerindeki eski köprünün onarılmasını istiyor.
Dün akşam şehir merkezinde büyük bir konser verildi.
Bilim insanları gölün yanındaki ormanda nadir bir kuş buldu.
""",
    "ro": """
Guvernul a adoptat noul buget pentru anul viitor.
Locuitorii satului cer repararea podului vechi peste râu.
Aseară a avut loc un mare concert în centrul orașului.
Cercetătorii au găsit o pasăre rară în pădurea de lângă lac.
""",
    "nl": """
De regering heeft de nieuwe begroting voor volgend jaar goedgekeurd.
De bewoners van het dorp vragen om herstel van de oude brug.
Gisteravond was er een groot concert in het centrum van de stad.
Onderzoekers vonden een zeldzame vogel in het bos bij het meer.
""",
}
SENTENCES = {name: tuple(text.strip().splitlines()) for name, text in _WRITTEN.items()}
