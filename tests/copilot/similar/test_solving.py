"""What was asked on a ticket and which reply solved it, from its messages alone."""

import pytest

from copilot.similar.solving import Said, asked, solved

QUESTION = "c: My export stops at ten thousand rows. What can I do?"
ANSWER = (
    "a: Please switch on streaming under Settings › Export and start the export again; the file then has every row."
)
OTHER = "a: The limit is ten thousand rows for each file; use filters to export the years one after the other."


def thread(*messages: str) -> list[Said]:
    by = {"c": "customer", "a": "agent"}
    return [Said(at, by[text[0]], text[3:]) for at, text in enumerate(messages)]  # type: ignore[arg-type]


def solved_by(*messages: str) -> int | None:
    found = solved(thread(*messages))
    return found.by.message if found else None


def test_what_the_customer_wrote_before_our_first_reply_was_asked() -> None:
    said = thread(QUESTION, "c: It is the file of March.", ANSWER, "c: Another question.")
    assert [each.message for each in asked(said)] == [0, 1]


def test_where_we_wrote_first_the_customers_answer_was_asked() -> None:
    assert [each.message for each in asked(thread("a: Welcome!", QUESTION, ANSWER))] == [1]


def test_a_ticket_without_a_word_of_the_customer_asks_nothing() -> None:
    assert asked(thread(ANSWER)) == [] and solved_by(ANSWER) is None


def test_the_last_reply_solved_it() -> None:
    assert solved_by(QUESTION, ANSWER, "c: And what is the limit?", OTHER) == 3


@pytest.mark.parametrize(
    "last",
    [
        "a: Glad to hear that! Have a nice day.",
        "a: You're welcome. I'm closing this ticket now.",
        "a: Thanks for letting me know, Tomas.",
        "a: Could you tell me which browser you use?",
        "a: Please send me a screenshot of the message.",
        "a: I have passed this to our engineers and will get back to you tomorrow.",
        "a: Gern geschehen! Ich schließe das Ticket.",
        "a: Wir haben Ihre Frage weitergeleitet und melden uns in Kürze.",
        "a: De nada, que tenga un buen día.",
        "a: Je transmets votre demande et je reviens vers vous demain.",
        "a: Graag gedaan, prettige dag!",
    ],
)
def test_a_reply_that_asks_back_or_only_thanks_or_promises_does_not_count(last: str) -> None:
    assert solved_by(QUESTION, ANSWER, "c: ok", last) == 1
    assert solved_by(QUESTION, last) is None


def test_an_answer_that_also_asks_something_counts() -> None:
    assert solved_by(QUESTION, ANSWER + " Did that help?") == 1


def test_a_short_answer_counts_if_there_is_no_longer_one() -> None:
    short = "a: Your invoice was credited, 3 days."
    assert (solved_by(QUESTION, short), solved_by(QUESTION, ANSWER, short)) == (1, 1)


def test_without_a_reply_nothing_was_solved() -> None:
    """Spam, a merged ticket, one that was closed because it was a duplicate."""
    assert solved_by(QUESTION) is None and solved_by() is None


@pytest.mark.parametrize(
    "word",
    [
        "c: It still doesn't work.",
        "c: Thanks, but I get the same error again.",
        "c: Geht leider immer noch nicht.",
        "c: Sigue sin funcionar.",
        "c: Ça ne marche toujours pas.",
        "c: Werkt nog steeds niet.",
        "c: No luck. Thanks anyway.",
    ],
)
def test_a_reply_after_which_it_still_failed_solved_nothing(word: str) -> None:
    assert solved_by(QUESTION, ANSWER, word) is None
    assert solved_by(QUESTION, ANSWER, word, "a: Which browser do you use?", "c: Firefox") is None


def test_a_later_reply_counts_instead() -> None:
    assert solved_by(QUESTION, ANSWER, "c: It still fails, I get the same error.", OTHER) == 3


def test_it_may_have_helped_in_the_end() -> None:
    found = solved(thread(QUESTION, ANSWER, "c: It still doesn't work.", "c: Sorry, my mistake. It works now!"))
    assert found and (found.by.message, found.confirmed) == (1, True)


@pytest.mark.parametrize(
    "word",
    [
        "c: It works again, thank you.",
        "c: Thanks for the help\nIt works now\nTomas",
        "c: That was it.",
        "c: Most helpful. The payment has gone through. I am obliged to you.",
        "c: Works, thanks!",
        "c: Perfect, that was it.",
        "c: Hi Mira, the problem is solved. No further questions.",
        "c: Yes, that helped a lot!",
        "c: Klappt jetzt, danke!",
        "c: Vielen Dank, das hat mir sehr geholfen!",
        "c: Funciona, gracias.",
        "c: Ça marche, merci !",
        "c: Opgelost, dank je.",
        "c: Super, hat geklappt!",
        "c: Ya funciona, gracias.",
        "c: C'était exactement ça. Merci !",
        "c: Het werkt, bedankt.",
    ],
)
def test_the_customer_confirmed_it(word: str) -> None:
    found = solved(thread(QUESTION, ANSWER, word))
    assert found and found.confirmed


@pytest.mark.parametrize("word", ["c: And one more thing: where is my invoice?", "c: Ok.\nI wait.", "c: I will try."])
def test_other_words_confirm_nothing_and_deny_nothing(word: str) -> None:
    found = solved(thread(QUESTION, ANSWER, word))
    assert found and not found.confirmed


def test_thanks_before_the_reply_confirm_nothing() -> None:
    found = solved(thread(QUESTION + "\n\nThanks!", ANSWER))
    assert found and not found.confirmed


NOT_CONFIRMED = [
    "c: Thanks!",
    "c: Thanks again\n\nTomas",
    "c: Perfect, thanks!",
    "c: Thanks, I will try it tonight.",
    "c: Danke, probiere ich aus.",
    "c: Thank you for the quick reply. But I want my money back.",
    "c: Thank you. I am cancelling my account.",
    "c: Unfortunately not. Thanks",
    "c: I cannot find that button. Thanks",
    "c: I get an error now. Thank you",
    "c: Thanks. The menu has no such entry.",
    "c: Das ist nicht erledigt.",
    "c: Not sure that makes sense.",
    "c: Is that all good?",
    "c: The list is sorted by date, mine is not.",
    "c: I thought that was it, but now another row is missing.",
    "c: It worked once, then it stopped.",
    "c: Works great on my phone, crashes on the laptop",
    "c: I am out of office until Monday. Thank you for your message.",
    "c: I hope that helped.",
    "c: It works, but only for the first file.",
    "c: Funktioniert, aber nur einmal.",
    "c: Funciona, pero no siempre.",
    "c: Ça marche, mais pas toujours.",
    "c: Het werkt, maar traag.",
    "c: Please tell me whether it works now.",
    "c: I asked how it works.",
    "c: It works now, I found it myself.",
]


@pytest.mark.parametrize("word", NOT_CONFIRMED)
def test_thanks_alone_and_words_in_doubt_confirm_nothing(word: str) -> None:
    found = solved(thread(QUESTION, ANSWER, word))
    assert not (found and found.confirmed)


FAILING = [
    "c: Unfortunately not. Thanks",
    "c: I cannot find that button. Thanks",
    "c: I get an error now. Thank you",
    "c: Works great on my phone, crashes on the laptop",
    "c: Thanks. The menu has no such entry.",
    "c: It worked once, then it stopped.",
    "c: That is not what I asked.",
    "c: This is not what I need.",
    "c: Not what I meant, sorry.",
    "c: Leider nicht.",
    "c: Das ist nicht das, was ich gefragt habe.",
    "c: Ich finde den Knopf nicht. Danke",
    "c: No es lo que pregunté.",
    "c: Ahora me sale un error.",
    "c: Ce n'est pas ce que j'ai demandé.",
    "c: Malheureusement non.",
    "c: Dat is niet wat ik bedoel.",
    "c: Helaas niet.",
    "c: Nothing happened. The rest of it works now.",
]


@pytest.mark.parametrize("word", FAILING)
def test_words_that_show_that_it_still_fails(word: str) -> None:
    assert solved_by(QUESTION, ANSWER, word) is None
    assert solved_by(QUESTION, ANSWER, word, OTHER) == 3


@pytest.mark.parametrize(
    "word",
    [
        "c: Works now. I still have the old file, may I delete it?",
        "c: Works perfectly, nothing happened to my data.",
        "c: Klappt jetzt. Ich habe immer noch die alte Datei.",
        "c: Ça marche maintenant. Cela ne change rien à mes données.",
        "c: Werkt nu. Ik heb nog steeds het oude bestand.",
    ],
)
def test_explicit_words_that_it_works_win_over_weak_ones_that_it_fails(word: str) -> None:
    assert solved_by(QUESTION, ANSWER, word) == 1


ENGINEERS = "a: I've passed this to our engineers and will get back to you tomorrow."
LOG = "a: Please send us the log file of the export."


@pytest.mark.parametrize(
    "later",
    [
        ("c: It still doesn't work.", ENGINEERS, "c: Thanks!"),
        ("c: It still fails.", LOG, "c: Thank you, it is attached."),
        ("c: Still the same error.", "c: Thank you for your patience with me."),
        ("c: It still fails.", LOG, "c: It works now!"),
        ("c: It still fails.", ENGINEERS, "c: It works now!", "a: Great that your exports run complete again today."),
    ],
)
def test_a_failed_answer_is_not_revived_by_thanks_or_behind_another_reply(later: tuple[str, ...]) -> None:
    assert solved_by(QUESTION, ANSWER, *later) is None


def test_where_it_works_after_another_reply_that_one_is_taken() -> None:
    found = solved(thread(QUESTION, ANSWER, "c: It still fails.", OTHER, "c: It works now, thank you!"))
    assert found and (found.by.message, found.confirmed) == (3, True)


SAYS_NOTHING = [
    "a: I could not find an answer to that in our knowledge base, so a colleague will take over this conversation.",
    "a: A colleague from the billing department takes over this conversation and writes to you within two days.",
    "a: We have received your message. A member of our support team will read it and answer you within two days.",
    "a: This is an automatic reply: your ticket number is 55 12. Our office hours are Monday to Friday, nine to five.",
    "a: We are aware of this outage and our engineers are working on a fix.",
    "a: I need a bit more detail: the browser version, the time of the export and the name of the file.",
    "a: I need a bit more detail:\n- the version of the browser\n- the time of the export\n- the name of the file",
    "a: To help further, reply with the order number and the date of the payment.",
    "a: Ich konnte dazu in unserer Wissensdatenbank keine Antwort finden, daher übernimmt eine Kollegin das Gespräch.",
    "a: Ein Kollege aus der Buchhaltung übernimmt dieses Gespräch und schreibt Ihnen innerhalb von zwei Tagen.",
    "a: Wir haben Ihre Nachricht erhalten. Ein Mitglied unseres Teams liest sie und antwortet Ihnen in zwei Tagen.",
    "a: Dies ist eine automatische Antwort: Ihre Ticketnummer lautet 5512.",
    "a: Diese Störung ist uns bekannt, unsere Techniker arbeiten an einer Lösung.",
    "a: Ich brauche noch ein paar Angaben: die Version des Browsers und den Namen der Datei.",
    "a: Um Ihnen weiterzuhelfen, antworten Sie bitte mit der Bestellnummer und dem Datum der Zahlung.",
    "a: No he encontrado una respuesta en nuestra base de conocimientos, así que un compañero se hará cargo.",
    "a: Un compañero del departamento de facturación se encargará de esta conversación y le escribirá en dos días.",
    "a: Hemos recibido su mensaje. Un miembro de nuestro equipo lo leerá y le contestará en dos días.",
    "a: Esta es una respuesta automática: su número de ticket es 5512.",
    "a: Somos conscientes de esta interrupción del servicio en toda la región.",
    "a: Necesito un poco más de información: la versión del navegador y el nombre del archivo.",
    "a: Para ayudarle mejor, responda con el número de pedido y la fecha del pago.",
    "a: Je n'ai pas trouvé de réponse dans notre base de connaissances, un collègue prend donc le relais.",
    "a: Un collègue du service de facturation reprend cette conversation et vous écrira dans les deux jours.",
    "a: Nous avons bien reçu votre message. Un membre de notre équipe le lira et vous répondra dans les deux jours.",
    "a: Ceci est une réponse automatique : votre numéro de ticket est 5512.",
    "a: Nous sommes au courant de cette panne dans toute la région.",
    "a: J'ai besoin de quelques précisions : la version du navigateur et le nom du fichier.",
    "a: Pour vous aider davantage, répondez avec le numéro de commande et la date du paiement.",
    "a: Ik kon in onze kennisbank geen antwoord vinden, dus een collega neemt dit gesprek over.",
    "a: Een collega van de afdeling facturen neemt dit gesprek over en schrijft u binnen twee dagen.",
    "a: We hebben uw bericht ontvangen. Een lid van ons team leest het en antwoordt u binnen twee dagen.",
    "a: Dit is een automatisch antwoord: uw ticketnummer is 5512.",
    "a: We zijn op de hoogte van deze storing in de hele regio.",
    "a: Ik heb wat meer informatie nodig: de versie van de browser en de naam van het bestand.",
    "a: Om u verder te helpen: antwoord met het ordernummer en de datum van de betaling.",
    "a: If you have any further questions about VAT or the invoice of last month, please let us know.",
    "a: Enjoy your weekend with your family in the mountains!",
    "a: Bei Fragen zu Ihrer Rechnung oder zu Ihrem Tarif sind wir gern für Sie da.",
    "a: You will get an answer from us within two working days.",
    "a: As soon as we know more about the cause of this outage, the page is updated.",
]


@pytest.mark.parametrize("reply", SAYS_NOTHING)
def test_a_reply_that_leaves_the_answer_open_does_not_count(reply: str) -> None:
    assert solved_by(QUESTION, reply) is None
    assert solved_by(QUESTION, ANSWER, "c: And the old file?", reply) == 1


@pytest.mark.parametrize(
    "reply",
    [
        "a: If you have any questions about VAT, the form is under Billing › Tax.",
        "a: Enjoy the new export under Settings › Data.",
        "a: You will get an answer from the API within a second.",
        "a: As soon as we have your payment, the plan is switched on and the seats are free.",
        "a: You are welcome to invite ten users under Settings › Team.",
        "a: Bei Fragen zur Mehrwertsteuer finden Sie das Formular unter Abrechnung › Steuern.",
        "a: Viel Spaß mit dem neuen Export unter Einstellungen › Daten.",
        "a: Sobald wir Ihre Zahlung haben, wird der Tarif freigeschaltet.",
        "a: Melden Sie sich ab und wieder an, dann erscheint der Knopf.",
        "a: En cuanto tengamos su pago, se activa el plan con todas las plazas.",
        "a: Dès que nous avons votre paiement, la formule est activée avec toutes les places.",
        "a: Zodra we uw betaling hebben, wordt het abonnement geactiveerd.",
        "a: I am sorry, that feature does not exist, and there are no plans to build it.",
    ],
)
def test_an_answer_with_polite_words_counts(reply: str) -> None:
    assert solved_by(QUESTION, reply) == 1


def test_a_refusal_is_not_confirmed_by_thanks() -> None:
    found = solved(thread(QUESTION, "a: That feature does not exist, and there are no plans.", "c: Thanks!"))
    assert found and (found.by.message, found.confirmed) == (1, False)


def test_a_short_answer_to_what_was_meant_counts_more_than_a_long_one_before() -> None:
    meant, short = (
        "c: That is not what I asked. I need the monthly report.",
        "a: Then choose Reports › Monthly in the menu.",
    )
    assert solved_by(QUESTION, ANSWER, meant, short, "c: Perfect, thanks!") == 3
    assert solved_by(QUESTION, ANSWER, "c: And the monthly report?", short) == 3


@pytest.mark.parametrize("word", ["c: Thanks!", "c: It says Valid now.", "c: Yes please to the credit."])
def test_where_the_customer_asked_nothing_a_short_reply_does_not_count_more(word: str) -> None:
    assert solved_by(QUESTION, ANSWER, word, "a: The invoice of March follows by mail.") == 1


NEXT = "c: Works, thanks! Now another question: how do I delete my account?"
DELETE = (
    "a: Open Settings › Account, choose Delete there and confirm it with your password; it is gone after thirty days."
)


@pytest.mark.parametrize("later", [(), ("c: That was it.",), ("c: I get an error there.", OTHER)])
def test_the_confirmed_reply_is_kept_where_another_question_follows(later: tuple[str, ...]) -> None:
    found = solved(thread(QUESTION, ANSWER, NEXT, DELETE, *later))
    assert found and (found.by.message, found.confirmed) == (1, True)


def test_one_that_worked_and_fails_later_is_in_doubt() -> None:
    assert solved_by(QUESTION, ANSWER, "c: Works now.", "c: It still fails.", OTHER) is None
