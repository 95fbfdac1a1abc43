"""What in a customer's message asks for money back or for access to an account, and what only sounds like it."""

from collections.abc import Mapping

import pytest

from copilot.triage.signals import SENSITIVE, Kind, found

Texts = Mapping[str, tuple[str, ...]]

REFUND = {
    "en": (
        "I was charged twice in May, I want my money back.",
        "Please refund the second charge to the same card.",
        "Hi, can you credit me the unused months? We closed the studio in March.",
        "We never used the plan and I'd like a full refund please",
        "Could you reverse the charge from yesterday? I had downgraded the day before.",
        "The site was down all weekend, we expect compensation for the lost lessons.",
        "If I don't get my money back by Friday I will write about you everywhere",
    ),
    "de": (
        "Ich möchte mein Geld zurück, das Abo war längst gekündigt.",
        "Bitte erstatten Sie mir den doppelt abgebuchten Betrag.",
        "Könnt ihr mir die restlichen Monate gutschreiben?",
        "Wir fordern eine Rückerstattung der Jahresgebühr.",
    ),
    "fr": (
        "Je veux être remboursée, je n'ai jamais utilisé l'abonnement.",
        "Merci de me rembourser le deuxième prélèvement du mois de mai.",
        "Pouvez-vous nous établir un avoir pour les mois non utilisés ?",
        "Rendez-moi mon argent !",
    ),
    "es": (
        "Quiero que me devuelvan el dinero, cancelé en marzo.",
        "¿Me podéis devolver el segundo cobro, por favor?",
        "Solicito el reembolso de la cuota anual.",
        "Devuélvanme mi dinero ya",
    ),
    "it": (
        "Voglio indietro i miei soldi, avevo già disdetto.",
        "Potete rimborsarmi il secondo addebito di maggio?",
        "Chiedo il rimborso della quota annuale.",
    ),
    "pt": (
        "Quero o meu dinheiro de volta, cancelei em março.",
        "Podem devolver-me o valor da segunda cobrança, por favor?",
        "Solicito o reembolso da mensalidade de maio.",
    ),
    "nl": (
        "Ik wil mijn geld terug, het abonnement was al opgezegd.",
        "Kunnen jullie de dubbele afschrijving terugbetalen?",
        "Graag ontvang ik een creditnota voor de ongebruikte maanden.",
    ),
    "pl": (
        "Chcę odzyskać swoje pieniądze, subskrypcja była anulowana.",
        "Proszę o zwrot podwójnej opłaty za maj.",
        "Oddajcie mi pieniądze!",
    ),
    "sv": (
        "Jag vill ha mina pengar tillbaka, abonnemanget var redan uppsagt.",
        "Kan ni återbetala den andra dragningen från i maj?",
        "Vi kräver återbetalning av årsavgiften.",
    ),
    "da": (
        "Jeg vil have mine penge tilbage, abonnementet var opsagt.",
        "Kan I refundere den anden betaling fra maj?",
        "Vi kræver refundering af årsgebyret.",
    ),
    "ru": (
        "Хочу вернуть деньги, подписка была отменена ещё в марте.",
        "Пожалуйста, верните второе списание на ту же карту.",
        "Требую возврата денег за неиспользованные месяцы.",
    ),
    "uk": (
        "Хочу повернути гроші, підписку скасовано ще в березні.",
        "Будь ласка, поверніть мені кошти за другий місяць.",
        "Вимагаю повернення коштів за невикористані місяці.",
    ),
    "tr": (
        "Paramı geri istiyorum, aboneliği martta kapatmıştım.",
        "İkinci ödemeyi iade eder misiniz lütfen?",
        "Kullanmadığımız aylar için ücret iadesi talep ediyoruz.",
    ),
    "ja": (
        "二重に請求されているので、1回分を返金してください。",
        "使っていない月の料金の返金をお願いいたします。",
        "お金を返してください。",
    ),
    "zh": (
        "我要退款，三月份就已经停用了。",
        "重复扣款了，请把第二笔钱退还给我。",
        "麻烦退一下没有使用的那几个月的费用",
    ),
}

NO_REFUND = {
    "en": (
        "Do you refund unused months?",
        "What is your refund policy?",
        "How long does a refund take?",
        "How do I refund a client who cancelled her lesson?",
        "I want to issue a refund to a student, where is the refund button?",
        "Where is my refund, you promised it two weeks ago",
        "Partial refunds would be a great feature.",
        "We don't want a refund, we just want it to work.",
        "Thanks for the refund, it arrived this morning!",
        "If I cancel in June, can I get a refund for the rest of the year?",
        "One of our students wants her money back, can you show me where to do that?",
        "Please call me back about the payment page",
        "Can we refund only part of a payment through Stripe?",
    ),
    "de": (
        "Erstattet ihr ungenutzte Monate?",
        "Wie kann ich einer Kundin den Betrag zurückerstatten?",
        "Wie lange dauert eine Rückerstattung?",
        "Ich möchte eine Gutschrift für eine Schülerin erstellen.",
        "Bitte rufen Sie mich zurück, es geht um den Betrag auf der Rechnung.",
        "Wir wollen kein Geld zurück, sondern dass es funktioniert.",
    ),
    "fr": (
        "Quelles sont vos conditions de remboursement ?",
        "Comment rembourser une cliente qui a annulé son cours ?",
        "Vous aviez promis le remboursement il y a deux semaines.",
        "Est-ce que vous remboursez les mois non utilisés ?",
        "Je ne demande pas de remboursement, je veux que ça marche.",
    ),
    "es": (
        "¿Cuál es la política de reembolsos?",
        "¿Cómo puedo hacer un reembolso a un alumno?",
        "¿Cuánto tarda un reembolso?",
        "¿Devolvéis los meses no usados?",
        "No quiero un reembolso, solo quiero que funcione.",
    ),
    "it": (
        "Qual è la vostra politica di rimborso?",
        "Come posso rimborsare una cliente che ha annullato?",
        "Quando arriva il rimborso che avete confermato?",
    ),
    "pt": (
        "Qual é a política de reembolso?",
        "Como faço o reembolso a um aluno que cancelou?",
        "Quanto tempo demora um reembolso?",
    ),
    "nl": (
        "Wat zijn jullie voorwaarden voor terugbetaling?",
        "Hoe kan ik een klant terugbetalen die heeft afgezegd?",
        "Betalen jullie ongebruikte maanden terug?",
    ),
    "pl": (
        "Jakie są zasady zwrotów?",
        "Jak mogę zwrócić pieniądze klientce, która odwołała lekcję?",
        "Ile trwa zwrot pieniędzy?",
    ),
    "sv": (
        "Vad har ni för policy för återbetalning?",
        "Hur återbetalar jag en elev som har avbokat?",
        "Hur lång tid tar en återbetalning?",
    ),
    "da": (
        "Hvad er jeres regler for refundering?",
        "Hvordan refunderer jeg en elev, der har aflyst?",
        "Hvor lang tid tager en tilbagebetaling?",
    ),
    "ru": (
        "Какие у вас условия возврата?",
        "Как вернуть деньги ученице, которая отменила урок?",
        "Сколько времени идёт возврат?",
    ),
    "uk": (
        "Які у вас умови повернення коштів?",
        "Як повернути гроші клієнтці, яка скасувала урок?",
        "Скільки триває повернення коштів?",
    ),
    "tr": (
        "İade politikanız nedir?",
        "Dersi iptal eden öğrenciye parasını nasıl iade ederim?",
        "İade ne kadar sürüyor?",
    ),
    "ja": (
        "返金ポリシーを教えてください。",
        "キャンセルした生徒に返金するにはどうすればよいですか。",
        "返金にはどのくらいかかりますか。",
    ),
    "zh": (
        "请问你们的退款政策是什么？",
        "怎么给取消课程的学员退款？",
        "退款一般要多久到账？",
    ),
}

ACCESS = {
    "en": (
        "I'm locked out of my account since this morning.",
        "I can't log in any more, it just says wrong password.",
        "Lost my phone, and the authenticator was on it.",
        "The code goes to my old number, which I gave up in spring.",
        "Could you reset two-step login for me? My recovery codes are gone.",
        "I no longer have access to the mailbox I signed up with.",
        "The owner of our account has left the company, please make me the owner.",
        "Please remove his access, he was fired yesterday and can still log in.",
        "My account is blocked, please unlock it.",
        "Sign-in doesn't work for my colleague Ana, she is on the front desk today.",
    ),
    "de": (
        "Ich kann mich seit heute früh nicht mehr einloggen.",
        "Mein Konto ist gesperrt, bitte wieder freischalten.",
        "Handy verloren, und der Authenticator war darauf.",
        "Könnten Sie bitte die Zwei-Faktor-Anmeldung für mich zurücksetzen?",
        "Wir haben keinen Zugriff mehr auf das Postfach, mit dem das Konto angelegt wurde.",
    ),
    "fr": (
        "Je n'arrive plus à me connecter à mon espace.",
        "Mon compte est bloqué depuis ce matin, pouvez-vous le débloquer ?",
        "J'ai perdu mon téléphone avec les codes de secours.",
        "Pouvez-vous désactiver la double authentification pour moi ?",
        "Je n'ai plus accès à la boîte mail du compte.",
    ),
    "es": (
        "No puedo iniciar sesión desde ayer.",
        "Mi cuenta está bloqueada, ¿me la podéis desbloquear?",
        "Perdí el móvil con el autenticador y no tengo los códigos.",
        "Ya no tengo acceso al correo de la cuenta.",
        "¿Pueden restablecer la verificación en dos pasos de mi usuario, por favor?",
    ),
    "it": (
        "Non riesco più ad accedere al mio account.",
        "Il mio account è bloccato, potete sbloccarlo?",
        "Ho perso il telefono con l'autenticatore e i codici di recupero.",
    ),
    "pt": (
        "Não consigo entrar na minha conta desde ontem.",
        "A minha conta está bloqueada, podem desbloquear?",
        "Perdi o telemóvel e os códigos de recuperação.",
    ),
    "nl": (
        "Ik kan sinds vanochtend niet meer inloggen.",
        "Mijn account is geblokkeerd, kunnen jullie het deblokkeren?",
        "Telefoon kwijt en de authenticator stond erop.",
    ),
    "pl": (
        "Nie mogę się zalogować od rana.",
        "Moje konto jest zablokowane, proszę je odblokować.",
        "Zgubiłam telefon z aplikacją do weryfikacji dwuetapowej.",
    ),
    "sv": (
        "Jag kan inte logga in sedan i morse.",
        "Mitt konto är spärrat, kan ni låsa upp det?",
        "Jag har tappat telefonen med autentiseringsappen.",
    ),
    "da": (
        "Jeg kan ikke logge ind siden i morges.",
        "Min konto er spærret, kan I åbne den igen?",
        "Jeg har mistet telefonen med mine engangskoder.",
    ),
    "ru": (
        "Не могу войти в аккаунт с самого утра.",
        "Мой аккаунт заблокирован, разблокируйте, пожалуйста.",
        "Потеряла телефон с резервными кодами, коды восстановления тоже были там.",
    ),
    "uk": (
        "Не можу увійти в акаунт з самого ранку.",
        "Мій акаунт заблоковано, розблокуйте, будь ласка.",
        "Загубила телефон, а коди для входу були на ньому.",
    ),
    "tr": (
        "Sabahtan beri hesabıma giremiyorum.",
        "Hesabım kilitlendi, açar mısınız lütfen?",
        "Telefonum kayboldu, doğrulama kodları da ondaydı.",
    ),
    "ja": (
        "今朝からログインできません。",
        "アカウントがロックされました。解除をお願いします。",
        "スマホを紛失して、認証アプリが使えません。",
    ),
    "zh": (
        "从今天早上开始登录不上了。",
        "我的账号被锁了，请帮我解锁。",
        "手机丢了，两步验证的验证码收不到。",
    ),
}

NO_ACCESS = {
    "en": (
        "How do I change my password?",
        "How can I invite a colleague?",
        "How do we set up single sign-on?",
        "Where do I turn on two-step login?",
        "My students cannot log in to the booking page.",
        "I cannot access the report from last month.",
        "We can't access the API with the new token.",
        "Could you tell me how to reset the two-step login of a colleague?",
        "What happens if someone on the team loses the phone with the authenticator?",
        "I couldn't get in touch with your team on Monday.",
        "Can you unlock the calendar for Sundays?",
        "I can't find the login page settings.",
    ),
    "de": (
        "Wie ändere ich mein Passwort?",
        "Wo kann ich die Zwei-Faktor-Anmeldung aktivieren?",
        "Meine Schüler können sich auf der Buchungsseite nicht anmelden.",
        "Ich habe keinen Zugriff auf den Bericht vom Mai.",
        "Wie kann ich eine Kollegin einladen?",
    ),
    "fr": (
        "Comment changer mon mot de passe ?",
        "Où puis-je activer la double authentification ?",
        "Mes élèves n'arrivent pas à se connecter à la page de réservation.",
        "Je n'arrive pas à ouvrir le rapport du mois de mai.",
    ),
    "es": (
        "¿Cómo cambio mi contraseña?",
        "¿Dónde puedo activar la verificación en dos pasos?",
        "Mis alumnos no pueden iniciar sesión en la página de reservas.",
        "No puedo abrir el informe de mayo.",
    ),
    "it": (
        "Come cambio la mia password?",
        "Dove posso attivare la verifica in due passaggi?",
        "I miei clienti non riescono ad accedere alla pagina di prenotazione.",
    ),
    "pt": (
        "Como mudo a minha palavra-passe?",
        "Onde posso ativar a verificação em dois passos?",
        "Os meus alunos não conseguem entrar na página de reservas.",
    ),
    "nl": (
        "Hoe wijzig ik mijn wachtwoord?",
        "Waar kan ik tweestapsverificatie inschakelen?",
        "Mijn leerlingen kunnen niet inloggen op de boekingspagina.",
    ),
    "pl": (
        "Jak zmienić hasło?",
        "Gdzie mogę włączyć weryfikację dwuetapową?",
        "Moi uczniowie nie mogą się zalogować na stronie rezerwacji.",
    ),
    "sv": (
        "Hur byter jag lösenord?",
        "Var kan jag slå på tvåstegsverifiering?",
        "Mina elever kan inte logga in på bokningssidan.",
    ),
    "da": (
        "Hvordan skifter jeg adgangskode?",
        "Hvor kan jeg slå totrinsbekræftelse til?",
        "Mine elever kan ikke logge ind på bookingsiden.",
    ),
    "ru": (
        "Как сменить пароль?",
        "Где можно включить двухфакторную аутентификацию?",
        "Мои ученики не могут войти на страницу записи.",
    ),
    "uk": (
        "Як змінити пароль?",
        "Де можна увімкнути двофакторну автентифікацію?",
        "Мої учні не можуть увійти на сторінку запису.",
    ),
    "tr": (
        "Şifremi nasıl değiştiririm?",
        "İki adımlı doğrulamayı nereden etkinleştirebilirim?",
        "Öğrencilerim rezervasyon sayfasına giriş yapamıyor.",
    ),
    "ja": (
        "パスワードの変更方法を教えてください。",
        "二段階認証はどこから設定できますか。",
        "生徒が予約ページにログインできません。",
    ),
    "zh": (
        "怎么修改密码？",
        "在哪里开启两步验证？",
        "我的学员登录不了预约页面。",
    ),
}


def each(texts: Texts) -> pytest.MarkDecorator:
    cases = [pytest.param(text, id=f"{code}-{at}") for code, many in texts.items() for at, text in enumerate(many)]
    return pytest.mark.parametrize("text", cases)


def kinds(text: str) -> set[Kind]:
    return {signal.kind for signal in found(text)}


def test_the_two_requests_are_no_alarm() -> None:
    assert set(Kind) - SENSITIVE == {Kind.REFUND, Kind.ACCESS}


@each(REFUND)
def test_money_that_is_asked_back(text: str) -> None:
    assert Kind.REFUND in kinds(text)


@each(NO_REFUND)
def test_a_question_about_refunds_or_one_for_others_is_no_request(text: str) -> None:
    assert Kind.REFUND not in kinds(text)


@each(ACCESS)
def test_an_account_that_is_out_of_reach(text: str) -> None:
    assert Kind.ACCESS in kinds(text)


@each(NO_ACCESS)
def test_a_question_how_or_a_login_of_others_is_no_request(text: str) -> None:
    assert Kind.ACCESS not in kinds(text)


@pytest.mark.parametrize("texts", [REFUND, NO_REFUND, ACCESS, NO_ACCESS])
def test_every_language_is_tried(texts: Texts) -> None:
    assert len(texts) == 15
    assert min(map(len, texts.values())) >= 3
