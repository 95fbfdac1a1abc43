"""Words of postal addresses in many languages, and words that look like a part of one. As pieces of patterns.

Separated by spaces where a list is long; `either` makes one alternative of them.
"""


def either(words: str) -> str:
    """The words as alternatives; `_` stands for a space inside one."""
    return "|".join(sorted((each.replace("_", " ") for each in words.split()), key=len, reverse=True))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Python's patterns have no class for capitals: Latin, Greek and Cyrillic.
CAPITALS = "".join(chr(code) for code in (*range(0x250), *range(0x370, 0x530)) if chr(code).isupper())

# Streets whose type is the end of the word, in German, Dutch, Swedish, Danish, Norwegian and Finnish. These are hardly
# ever anything else, so that small letters are enough.
ENDINGS = either(
    "straße strasse straat gatan vägen gade gaden vej vejen veien gata katu kuja gasse laan gracht stræde gränd"
    " polku str\\. str"
)
# These need a capital, and an end of the sentence or of the line after the number.
DOUBTFUL_ENDINGS = either(
    "weg allee platz damm ufer chaussee steig stieg pfad graben markt hof plein kade dijk singel steeg dreef baan"
    " plantsoen torget torvet stigen backen allén allé vei veg vegen bakken svingen haugen plads torv ntie kaari"
    " ranta raitti penger brücke havn wall kamp weide gate gata vegur náměstí třída nábřeží tunet parken marken"
    " vangen toften"
)
# Words with such an ending that are no street.
NO_STREETS = _set(
    "arbeitsplatz speicherplatz parkplatz sitzplatz stellplatz marktplatz_app spielplatz bildschirmplatz"
    " lagerplatz ladeplatz hinweg rückweg heimweg umweg ausweg durchweg lieferweg vertriebsweg postweg rechtsweg"
    " arbeitsweg unterweg bahnhof supermarkt baumarkt jobmarkt testmarkt flohmarkt friedhof bauernhof feedback"
    " playback rollback firewall paywall drywall auntie pfad dateipfad lernpfad klickpfad installationspfad"
    " speicherpfad gurtplatz zeitplatz listenplatz tabellenplatz startplatz studienplatz ausbildungsplatz"
    " praktikumsplatz kitaplatz"
)
ENGLISH = either(
    "street road avenue lane boulevard crescent terrace highway parkway turnpike esplanade rd ave blvd cres hwy"
    " pkwy str\\. rd\\. ave\\. blvd\\."
)
# More often another word: they need capitals.
DOUBTFUL_ENGLISH = either(
    "court drive place way square close gardens grove mews row park hill walk green circle trail parade quay yard"
    " wharf plaza rise heath alley bridge meadows fields vale croft ct dr pl sq ln st tce ter cir st\\. dr\\."
    " ct\\. ln\\. pl\\. sq\\. broadway crossing"
)
# French, with the number before or after it.
FRENCH = either(
    "rue avenue av\\. boulevard bd bd\\. blvd place pl\\. allée allées chemin impasse quai route cours square"
    " chaussée faubourg passage ruelle sentier esplanade cité résidence lotissement montée sente rond-point"
    " venelle"
)
# Spanish, Italian, Portuguese: the number comes after the name.
ROMANCE = either(
    "calle c/ avda avda\\. avenida av\\. paseo pº plaza pza pza\\. plza camino carretera ctra\\. rambla carrer"
    " glorieta callejón travesía urbanización polígono bulevar calzada via viale v\\.le corso c\\.so piazza p\\.za"
    " piazzale vicolo largo strada contrada borgo località rua travessa trav\\. praça estrada alameda rodovia beco"
    " calçada bairro zona"
)
SLAVIC = r"ulic[aeyęi]|ul\.|alej[aei]|al\.|osiedl[eu]|os\.|plac|pl\.|nám\.|náměstí|třída|tř\.|nábřeží|nábř\."
# Small words inside the names of streets and cities.
LINKS = either(
    "de du des la le les l['’] d['’] del della delle dei degli dello dell['’] di da do dos das los las el al von"
    " van den der dem op ter ten te aan zum zur am im of the upon on y e i sur sous en san santa são sao san_"
    " st\\. st ste saint sainte n\\. s\\. e\\. w\\. 't dr\\. prof\\. gen\\. ks\\. św\\. gen"
)

# Before a number, or between number and name: what support mails count or number.
THINGS = _set(
    "order orders invoice ticket tickets version chrome firefox safari edge windows android ios macos ubuntu"
    " linux page step room chapter section table figure box plan pro team teams build release article item sku"
    " error code http https status http/2 phase tier level update slide row line column field port part task issue"
    " bug question point option test tests license seat seats store apps app model user users file files account"
    " tracking booking flight gate train seite schritt rechnung bestellung auftrag vorgang fehler zeile spalte"
    " kapitel abschnitt tabelle feld fall frage punkt stufe paket tarif artikel lizenz sendung nutzer kunden kunde"
    " benutzer januar februar märz april mai juni juli august september oktober november dezember january february"
    " march may june july october december montag dienstag mittwoch donnerstag freitag samstag sonntag monday"
    " tuesday wednesday thursday friday saturday sunday commande facture étape erreur dossier pedido factura paso"
    " página ordine fattura passo pagina errore encomenda fatura erro bestelling factuur stap fout zamówienie"
    " faktura faktury krok strona błąd wersja ticketnummer bestelnummer since seit depuis desde dal about über"
    " around after before nach vor only nur mehr more than als iphone ipad galaxy pixel macbook thinkpad office"
    " word excel photoshop adobe microsoft google kb id nr no number nummer ref sprint q1 q2 q3 q4 day tag tage"
    " week woche monat month year jahr hour stunde size größe type typ mode modell serie series kategorie category"
    " klasse class ziel zone group gruppe raum block channel kanal slot slack zapier api sms smtp imap usb webhook"
    " stripe paypal outlook gmail salesforce shopify jira notion zoom hard disk flash high supreme"
)
# After a number: what it counts. So "room for 3 users" and "5000 Kunden" are no house numbers or postcodes.
MEASURES = either(
    "gb mb kb tb gib mib gbit mbit kbit mbps hz khz mhz ghz kg mg km cm mm ml kw kwh px pt dpi fps ms min mins"
    " minutes minute hours hour hrs h days day weeks week months month years year seconds second secs am pm uhr"
    " std stunden stunde tage tagen tag wochen woche monate monaten monat jahre jahren jahr minuten sekunden mal"
    " times users user nutzer nutzern benutzer kunden kunde seats seat licenses licences license lizenzen people"
    " persons personen leute mitarbeiter mitarbeitern customers clients members mitglieder messages nachrichten"
    " mails mail emails e-mails tickets ticket orders order bestellungen requests request anfragen files file"
    " dateien datei rows row zeilen lines items item artikel units unit stück pieces pcs pages page seiten points"
    " point punkte steps step percent prozent procent euro euros eur usd gbp dollar dollars pounds pound cents"
    " cent chf pln zł kr sek nok dkk ft huf kč czk yen rupees franken views clicks klicks downloads words wörter"
    " characters zeichen calls anrufe heures heure jours jour semaines semaine mois ans secondes fois utilisateurs"
    " personnes commandes fichiers horas hora días día dias dia semanas semana meses mes mês años año anos minutos"
    " segundos veces vezes usuarios utilizadores clientes personas pessoas pedidos archivos ficheiros ore ora"
    " giorni giorno settimane mesi mese anni anno minuti secondi volte utenti clienti persone ordini uur dagen dag"
    " weken maanden maand jaar keer gebruikers klanten mensen bestellingen godzin dni dzień tygodni miesięcy lat"
    " minut razy użytkowników klientów osób dagar timmar veckor gånger dage timer uger gange tracks songs apps app"
    " degrees miles mile meters meter metres inch inches feet free new different other more ways way º januar"
    " februar märz april mai juni juli august september oktober november dezember january february march may june"
    " july october december datensätze einträge artikeln rechnungen buchungen aufrufe posten geräte geräten"
    " invoices bookings records entries devices accounts konten projects projekte projekten fälle fällen zugriffe"
    " besucher abonnenten abonnés visiteurs subscribers sessions errors fehler"
)
# Capitalised words after which no part of an address follows: greetings, starts of sentences, labels.
STARTS = either(
    "please thanks thank best kind regards hello hi dear i i'm i've my we our the it this that they he she you"
    " your if when where what why how can could would will is are do does did but and so also then there here no"
    " yes not since after before as at on in to from for with order invoice ticket version error sincerely cheers"
    " yours bitte danke mit viele ich mein meine wir unser unsere es das der die ein eine und aber auch wenn wann"
    " wo was warum wie kann können ist sind hat habe haben leider hallo guten sehr freundliche beste liebe gruß"
    " grüße herzliche merci cordialement bonjour je mon ma mes nous notre il elle ce cela et mais si quand"
    " pourquoi comment est votre vous gracias saludos hola yo mi mis nosotros nuestro pero cuando por_favor"
    " atentamente grazie saluti ciao io mio mia noi nostro quando per_favore cordiali obrigado obrigada olá eu meu"
    " minha nós nosso mas por bedankt groeten ik mijn wij ons onze het maar als wanneer met dziękuję pozdrawiam ja"
    " mój moja nasz ale kiedy proszę tel telefon phone mobile fax email e-mail mail tel\\. telefono teléfono"
    " téléphone telefone web www http ps tack hej takk tak kiitos köszönöm děkuji dobrý order's let bitte. it's"
    " that's what's don't nobody everything nothing sent billing settings login password subject betreff date"
    " datum von an cc re aw fw"
)

STATES = either(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK"
    " OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AA AE AP"
)
PROVINCES = either("AB BC MB NB NL NS NT NU ON PE QC SK YT")
TERRITORIES = either("NSW VIC QLD SA WA TAS NT ACT")
BRITISH = either(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK"
    " FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG"
    " NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR"
    " TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
COUNTRIES = either(
    "afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain"
    " bangladesh barbados belarus belgium belize benin bhutan bolivia bosnia_and_herzegovina botswana brazil"
    " brasil bulgaria burundi cambodia cameroon canada chad chile china colombia costa_rica croatia cuba cyprus"
    " czechia czech_republic denmark djibouti ecuador egypt el_salvador eritrea estonia ethiopia fiji finland"
    " france gabon gambia georgia germany ghana greece guatemala guinea guyana haiti honduras hong_kong hungary"
    " iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kuwait"
    " kyrgyzstan laos latvia lebanon lesotho liberia libya liechtenstein lithuania luxembourg madagascar malawi"
    " malaysia maldives mali malta mauritania mauritius mexico méxico moldova monaco mongolia montenegro morocco"
    " mozambique myanmar namibia nepal netherlands the_netherlands new_zealand nicaragua niger nigeria"
    " north_macedonia norway oman pakistan palestine panama paraguay peru perú philippines poland portugal"
    " puerto_rico qatar romania russia rwanda samoa saudi_arabia scotland senegal serbia seychelles singapore"
    " slovakia slovenia somalia south_africa south_korea north_korea spain sri_lanka sudan suriname sweden"
    " switzerland syria taiwan tajikistan tanzania thailand togo tonga tunisia turkey türkiye turkmenistan uganda"
    " ukraine united_arab_emirates united_kingdom united_states united_states_of_america uruguay uzbekistan"
    " vanuatu venezuela vietnam wales england northern_ireland yemen zambia zimbabwe uk u\\.k\\. usa u\\.s\\.a\\."
    " uae deutschland österreich schweiz frankreich italien spanien niederlande belgien polen luxemburg dänemark"
    " schweden norwegen finnland tschechien ungarn allemagne autriche suisse belgique espagne italie pays-bas"
    " pologne españa alemania francia italia suiza bélgica germania svizzera spagna alemanha frança itália espanha"
    " suíça nederland belgië duitsland frankrijk spanje polska niemcy sverige danmark norge suomi magyarország"
    " česko česká_republika slovensko éire swaziland eswatini cape_verde nauru greenland faroe_islands gibraltar"
    " guernsey jersey isle_of_man bermuda aruba grenada dominica marshall_islands timor-leste congo sierra_leone"
    " guam montserrat macao burkina_faso comoros central_african_republic equatorial_guinea ivory_coast tuvalu"
    " kiribati papua_new_guinea solomon_islands trinidad_and_tobago antigua_and_barbuda saint_lucia"
    " french_polynesia réunion dominican_republic"
)
# Only these cities make a number before them a postcode, if nothing else says so.
CITIES = either(
    "london manchester birmingham leeds glasgow edinburgh bristol liverpool sheffield cardiff belfast dublin cork"
    " galway berlin hamburg münchen köln frankfurt stuttgart düsseldorf dortmund essen leipzig bremen dresden"
    " hannover nürnberg duisburg bochum wuppertal bielefeld bonn münster mannheim karlsruhe augsburg wiesbaden"
    " kiel freiburg mainz erfurt rostock kassel potsdam wien graz linz salzburg innsbruck klagenfurt zürich basel"
    " bern genf luzern winterthur paris marseille lyon toulouse nice nantes montpellier strasbourg bordeaux lille"
    " rennes reims grenoble dijon angers bruxelles brussel antwerpen gent brugge ixelles liège namur genève"
    " lausanne madrid barcelona valencia sevilla zaragoza málaga murcia bilbao alicante córdoba valladolid vigo"
    " granada salamanca roma milano napoli torino palermo genova bologna firenze bari catania venezia verona"
    " padova trieste perugia lisboa porto braga coimbra faro évora aveiro setúbal amsterdam rotterdam den_haag"
    " utrecht eindhoven groningen tilburg almere breda nijmegen haarlem arnhem leiden maastricht delft warszawa"
    " kraków łódź wrocław poznań gdańsk szczecin lublin katowice radom toruń stockholm göteborg malmö uppsala"
    " örebro västerås københavn aarhus odense aalborg esbjerg oslo bergen trondheim stavanger helsinki espoo"
    " tampere turku oulu vantaa praha brno ostrava plzeň liberec olomouc budapest debrecen szeged pécs győr"
    " miskolc toronto montréal vancouver sydney melbourne brisbane perth adelaide bratislava košice luxembourg"
    " são_paulo rio_de_janeiro vienna zurich geneva rome milan naples lisbon warsaw krakow prague munich cologne"
    " copenhagen brussels antwerp the_hague"
)
