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
        "You took 29 euros, I want it back.",
        "Please put it back on my card.",
        "I expect my £20 back by Monday.",
        "You owe me two months.",
        "We'd be grateful if you could credit my account with the difference.",
        "Waive the late fee and return it please.",
        "Charge it back to me, this was never my order.",
        "My deposit has still not been returned.",
        "How are you going to make this up to me? Two days of my holiday were ruined.",
        "I don't want a voucher, I want the cash.",
        "Nobody told me it renews, so kindly take the charge off my card.",
        "So how do I get my 80 pounds back?",
        "I would be happy with half the price back, given the circumstances.",
        "Please deduct the overcharge from our next invoice.",
    ),
    "de": (
        "Ich möchte mein Geld zurück, das Abo war längst gekündigt.",
        "Bitte erstatten Sie mir den doppelt abgebuchten Betrag.",
        "Könnt ihr mir die restlichen Monate gutschreiben?",
        "Wir fordern eine Rückerstattung der Jahresgebühr.",
        "Bitte buchen Sie das Geld auf meine Karte zurück.",
        "Ihr schuldet mir noch 40 Euro.",
        "Es wäre nur fair, wenn ich die Hälfte zurückbekomme.",
        "Geld zurück, sofort!",
        "Ich will keinen Gutschein, sondern mein Geld.",
    ),
    "fr": (
        "Je veux être remboursée, je n'ai jamais utilisé l'abonnement.",
        "Merci de me rembourser le deuxième prélèvement du mois de mai.",
        "Pouvez-vous nous établir un avoir pour les mois non utilisés ?",
        "Rendez-moi mon argent !",
        "Vous me devez 40 euros.",
        "Recréditez ma carte des 29 euros, s'il vous plaît.",
        "Pas de bon d'achat, je veux mon argent.",
        "Je voudrais qu'on me rende la moitié du prix.",
    ),
    "es": (
        "Quiero que me devuelvan el dinero, cancelé en marzo.",
        "¿Me podéis devolver el segundo cobro, por favor?",
        "Solicito el reembolso de la cuota anual.",
        "Devuélvanme mi dinero ya",
        "Quiero recuperar mis 40 euros.",
        "Me deben dos meses.",
        "Exijo que me devuelvan la mitad del precio.",
        "Me han cobrado dos veces, devuélvanme una.",
    ),
    "it": (
        "Voglio indietro i miei soldi, avevo già disdetto.",
        "Potete rimborsarmi il secondo addebito di maggio?",
        "Chiedo il rimborso della quota annuale.",
        "Rivoglio i miei 40 euro.",
        "Mi dovete due mesi.",
        "Voglio che mi restituiate metà del prezzo.",
    ),
    "pt": (
        "Quero o meu dinheiro de volta, cancelei em março.",
        "Podem devolver-me o valor da segunda cobrança, por favor?",
        "Solicito o reembolso da mensalidade de maio.",
        "Fico à espera que me devolvam os 30 euros.",
        "Quero que me devolvam metade do preço.",
    ),
    "nl": (
        "Ik wil mijn geld terug, het abonnement was al opgezegd.",
        "Kunnen jullie de dubbele afschrijving terugbetalen?",
        "Graag ontvang ik een creditnota voor de ongebruikte maanden.",
        "Jullie zijn mij nog 40 euro schuldig.",
        "Zet het geld terug op mijn rekening.",
    ),
    "pl": (
        "Chcę odzyskać swoje pieniądze, subskrypcja była anulowana.",
        "Proszę o zwrot podwójnej opłaty za maj.",
        "Oddajcie mi pieniądze!",
        "Żądam zwrotu na konto.",
        "Nie chcę bonu, chcę pieniądze z powrotem.",
    ),
    "sv": (
        "Jag vill ha mina pengar tillbaka, abonnemanget var redan uppsagt.",
        "Kan ni återbetala den andra dragningen från i maj?",
        "Vi kräver återbetalning av årsavgiften.",
        "Ni är skyldiga mig 400 kronor.",
        "Jag vill inte ha en värdekod, jag vill ha pengarna.",
    ),
    "da": (
        "Jeg vil have mine penge tilbage, abonnementet var opsagt.",
        "Kan I refundere den anden betaling fra maj?",
        "Vi kræver refundering af årsgebyret.",
        "I skylder mig 400 kroner.",
        "Jeg vil have pengene, ikke et gavekort.",
    ),
    "ru": (
        "Хочу вернуть деньги, подписка была отменена ещё в марте.",
        "Пожалуйста, верните второе списание на ту же карту.",
        "Требую возврата денег за неиспользованные месяцы.",
        "Верните 500 рублей на карту.",
        "Мне не нужен купон, верните деньги.",
    ),
    "uk": (
        "Хочу повернути гроші, підписку скасовано ще в березні.",
        "Будь ласка, поверніть мені кошти за другий місяць.",
        "Вимагаю повернення коштів за невикористані місяці.",
        "Поверніть 500 гривень на картку.",
        "Ви винні мені 500 гривень.",
    ),
    "tr": (
        "Paramı geri istiyorum, aboneliği martta kapatmıştım.",
        "İkinci ödemeyi iade eder misiniz lütfen?",
        "Kullanmadığımız aylar için ücret iadesi talep ediyoruz.",
        "500 lirayı kartıma geri yatırın.",
        "Bana hâlâ borçlusunuz, paramı verin.",
    ),
    "ja": (
        "二重に請求されているので、1回分を返金してください。",
        "使っていない月の料金の返金をお願いいたします。",
        "お金を返してください。",
        "カードに返金してください。",
        "クーポンではなく返金してほしいです。",
    ),
    "zh": (
        "我要退款，三月份就已经停用了。",
        "重复扣款了，请把第二笔钱退还给我。",
        "麻烦退一下没有使用的那几个月的费用",
        "把多扣的钱退回我的银行卡。",
        "我不要优惠券,我要退钱。",
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
        "I want to get back to the old calendar.",
        "Please send it back to me when it's signed.",
        "How quickly would a refund be on my card?",
        "I got 20 euros back from the bank, thank you.",
        "We want to reward our customers with 5 euros back on each order.",
        "I'd like to give my client 20 euros back, how do I do that?",
        "You owe me an explanation.",
    ),
    "de": (
        "Erstattet ihr ungenutzte Monate?",
        "Wie kann ich einer Kundin den Betrag zurückerstatten?",
        "Wie lange dauert eine Rückerstattung?",
        "Ich möchte eine Gutschrift für eine Schülerin erstellen.",
        "Bitte rufen Sie mich zurück, es geht um den Betrag auf der Rechnung.",
        "Wir wollen kein Geld zurück, sondern dass es funktioniert.",
        "Wir möchten unseren Kunden 5 Euro zurückgeben.",
        "Wann wird die Kaution normalerweise zurückgezahlt?",
        "Ich möchte wieder auf den Monatsplan zurück.",
    ),
    "fr": (
        "Quelles sont vos conditions de remboursement ?",
        "Comment rembourser une cliente qui a annulé son cours ?",
        "Vous aviez promis le remboursement il y a deux semaines.",
        "Est-ce que vous remboursez les mois non utilisés ?",
        "Je ne demande pas de remboursement, je veux que ça marche.",
        "Je voudrais revenir à l'ancienne version.",
        "Quand la caution est-elle rendue ?",
    ),
    "es": (
        "¿Cuál es la política de reembolsos?",
        "¿Cómo puedo hacer un reembolso a un alumno?",
        "¿Cuánto tarda un reembolso?",
        "¿Devolvéis los meses no usados?",
        "No quiero un reembolso, solo quiero que funcione.",
        "Quiero volver a la versión anterior.",
        "¿Cuándo se devuelve la fianza?",
    ),
    "it": (
        "Qual è la vostra politica di rimborso?",
        "Come posso rimborsare una cliente che ha annullato?",
        "Quando arriva il rimborso che avete confermato?",
        "Vorrei tornare alla versione precedente.",
    ),
    "pt": (
        "Qual é a política de reembolso?",
        "Como faço o reembolso a um aluno que cancelou?",
        "Quanto tempo demora um reembolso?",
        "Quero voltar ao plano anterior.",
    ),
    "nl": (
        "Wat zijn jullie voorwaarden voor terugbetaling?",
        "Hoe kan ik een klant terugbetalen die heeft afgezegd?",
        "Betalen jullie ongebruikte maanden terug?",
        "Ik wil terug naar het oude abonnement.",
    ),
    "pl": (
        "Jakie są zasady zwrotów?",
        "Jak mogę zwrócić pieniądze klientce, która odwołała lekcję?",
        "Ile trwa zwrot pieniędzy?",
        "Chcę wrócić do starego planu.",
    ),
    "sv": (
        "Vad har ni för policy för återbetalning?",
        "Hur återbetalar jag en elev som har avbokat?",
        "Hur lång tid tar en återbetalning?",
        "Jag vill tillbaka till den gamla planen.",
    ),
    "da": (
        "Hvad er jeres regler for refundering?",
        "Hvordan refunderer jeg en elev, der har aflyst?",
        "Hvor lang tid tager en tilbagebetaling?",
        "Jeg vil tilbage til den gamle plan.",
    ),
    "ru": (
        "Какие у вас условия возврата?",
        "Как вернуть деньги ученице, которая отменила урок?",
        "Сколько времени идёт возврат?",
        "Хочу вернуться на старый тариф.",
    ),
    "uk": (
        "Які у вас умови повернення коштів?",
        "Як повернути гроші клієнтці, яка скасувала урок?",
        "Скільки триває повернення коштів?",
        "Хочу повернутися на старий тариф.",
    ),
    "tr": (
        "İade politikanız nedir?",
        "Dersi iptal eden öğrenciye parasını nasıl iade ederim?",
        "İade ne kadar sürüyor?",
        "Eski plana geri dönmek istiyorum.",
    ),
    "ja": (
        "返金ポリシーを教えてください。",
        "キャンセルした生徒に返金するにはどうすればよいですか。",
        "返金にはどのくらいかかりますか。",
        "前のプランに戻したいです。",
    ),
    "zh": (
        "请问你们的退款政策是什么？",
        "怎么给取消课程的学员退款？",
        "退款一般要多久到账？",
        "我想换回原来的套餐。",
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
        "It won't let me in.",
        "The app keeps rejecting my code.",
        "We've been shut out of our account since Monday.",
        "It says wrong password although I changed it an hour ago.",
        "Please disable the login of our former bookkeeper.",
        "Please transfer ownership of the workspace to me, Tom left in May.",
        "My mailbox was closed and the code is sent there.",
        "I don't know the password of my late husband.",
        "The link to reset my password never arrives.",
        "I'm stuck at the login screen.",
        "I deleted my account by accident, can you bring it back?",
        "Someone changed my password and email.",
        "The activation link you sent has expired, please send another.",
        "Please take my ex-husband off our account, he can still read everything.",
        "i cant acces my acount",
    ),
    "de": (
        "Ich kann mich seit heute früh nicht mehr einloggen.",
        "Mein Konto ist gesperrt, bitte wieder freischalten.",
        "Handy verloren, und der Authenticator war darauf.",
        "Könnten Sie bitte die Zwei-Faktor-Anmeldung für mich zurücksetzen?",
        "Wir haben keinen Zugriff mehr auf das Postfach, mit dem das Konto angelegt wurde.",
        "Der Code wird ständig abgelehnt.",
        "Bitte sperren Sie den Zugang unseres ehemaligen Buchhalters.",
        "Es lässt mich nicht rein.",
        "Unser Chef ist verstorben und niemand kennt das Passwort.",
        "Der Einladungslink ist abgelaufen, bitte neu schicken.",
    ),
    "fr": (
        "Je n'arrive plus à me connecter à mon espace.",
        "Mon compte est bloqué depuis ce matin, pouvez-vous le débloquer ?",
        "J'ai perdu mon téléphone avec les codes de secours.",
        "Pouvez-vous désactiver la double authentification pour moi ?",
        "Je n'ai plus accès à la boîte mail du compte.",
        "Mon code est refusé à chaque connexion.",
        "Ça ne me laisse pas entrer dans mon compte.",
        "Merci de retirer l'accès de notre ancien comptable.",
        "Notre directeur est décédé et personne n'a le mot de passe.",
    ),
    "es": (
        "No puedo iniciar sesión desde ayer.",
        "Mi cuenta está bloqueada, ¿me la podéis desbloquear?",
        "Perdí el móvil con el autenticador y no tengo los códigos.",
        "Ya no tengo acceso al correo de la cuenta.",
        "¿Pueden restablecer la verificación en dos pasos de mi usuario, por favor?",
        "No me deja entrar.",
        "Quiten el acceso a nuestro antiguo contable, por favor.",
        "Me cambié de móvil y ya no me llegan los códigos.",
        "El enlace de invitación caducó, ¿me mandan otro?",
    ),
    "it": (
        "Non riesco più ad accedere al mio account.",
        "Il mio account è bloccato, potete sbloccarlo?",
        "Ho perso il telefono con l'autenticatore e i codici di recupero.",
        "Togliete l'accesso al nostro ex contabile.",
        "Ho cambiato telefono e non ricevo più i codici.",
    ),
    "pt": (
        "Não consigo entrar na minha conta desde ontem.",
        "A minha conta está bloqueada, podem desbloquear?",
        "Perdi o telemóvel e os códigos de recuperação.",
        "Retirem o acesso do nosso antigo contabilista.",
        "Mudei de telemóvel e já não recebo os códigos.",
    ),
    "nl": (
        "Ik kan sinds vanochtend niet meer inloggen.",
        "Mijn account is geblokkeerd, kunnen jullie het deblokkeren?",
        "Telefoon kwijt en de authenticator stond erop.",
        "Ik ben mijn wachtwoord vergeten en krijg geen mail.",
        "Blokkeer de toegang van onze ex-medewerker.",
    ),
    "pl": (
        "Nie mogę się zalogować od rana.",
        "Moje konto jest zablokowane, proszę je odblokować.",
        "Zgubiłam telefon z aplikacją do weryfikacji dwuetapowej.",
        "Mam nowy telefon i nie dostaję kodów.",
        "Proszę zablokować dostęp byłej pracownicy.",
    ),
    "sv": (
        "Jag kan inte logga in sedan i morse.",
        "Mitt konto är spärrat, kan ni låsa upp det?",
        "Jag har tappat telefonen med autentiseringsappen.",
        "Jag har glömt mitt lösenord och får inget mejl.",
        "Spärra vår tidigare kollegas inloggning.",
    ),
    "da": (
        "Jeg kan ikke logge ind siden i morges.",
        "Min konto er spærret, kan I åbne den igen?",
        "Jeg har mistet telefonen med mine engangskoder.",
        "Jeg har glemt min adgangskode og får ingen mail.",
        "Luk adgangen for vores tidligere bogholder.",
    ),
    "ru": (
        "Не могу войти в аккаунт с самого утра.",
        "Мой аккаунт заблокирован, разблокируйте, пожалуйста.",
        "Потеряла телефон с резервными кодами, коды восстановления тоже были там.",
        "Новый телефон, коды больше не приходят.",
        "Закройте доступ бывшему сотруднику.",
    ),
    "uk": (
        "Не можу увійти в акаунт з самого ранку.",
        "Мій акаунт заблоковано, розблокуйте, будь ласка.",
        "Загубила телефон, а коди для входу були на ньому.",
        "Новий телефон, коди більше не приходять.",
        "Закрийте доступ колишньому працівнику.",
    ),
    "tr": (
        "Sabahtan beri hesabıma giremiyorum.",
        "Hesabım kilitlendi, açar mısınız lütfen?",
        "Telefonum kayboldu, doğrulama kodları da ondaydı.",
        "Şifremi unuttum, mail de gelmiyor.",
        "Eski çalışanımızın erişimini kapatın.",
    ),
    "ja": (
        "今朝からログインできません。",
        "アカウントがロックされました。解除をお願いします。",
        "スマホを紛失して、認証アプリが使えません。",
        "パスワードを忘れてログインできません。",
        "退職した社員のアクセス権を削除してください。",
    ),
    "zh": (
        "从今天早上开始登录不上了。",
        "我的账号被锁了，请帮我解锁。",
        "手机丢了，两步验证的验证码收不到。",
        "我忘记密码了,登不进去。",
        "请取消前员工的访问权限。",
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
        "My students can't get past the login page.",
        "Our door code stopped working, who changed it?",
        "Can you set us up with a demo on Friday?",
        "How do I remove a former colleague from the team?",
        "I need to give access to my accountant, how do I do that?",
        "The login page looks odd on my phone.",
        "Please close my account.",
    ),
    "de": (
        "Wie ändere ich mein Passwort?",
        "Wo kann ich die Zwei-Faktor-Anmeldung aktivieren?",
        "Meine Schüler können sich auf der Buchungsseite nicht anmelden.",
        "Ich habe keinen Zugriff auf den Bericht vom Mai.",
        "Wie kann ich eine Kollegin einladen?",
        "Wie lösche ich einen ehemaligen Mitarbeiter?",
        "Wie kann ich jemandem Zugang geben?",
    ),
    "fr": (
        "Comment changer mon mot de passe ?",
        "Où puis-je activer la double authentification ?",
        "Mes élèves n'arrivent pas à se connecter à la page de réservation.",
        "Je n'arrive pas à ouvrir le rapport du mois de mai.",
        "Comment retirer l'accès d'un ancien collègue ?",
        "Comment donner accès à mon comptable ?",
    ),
    "es": (
        "¿Cómo cambio mi contraseña?",
        "¿Dónde puedo activar la verificación en dos pasos?",
        "Mis alumnos no pueden iniciar sesión en la página de reservas.",
        "No puedo abrir el informe de mayo.",
        "¿Cómo quito el acceso a un antiguo empleado?",
        "¿Cómo doy acceso a mi contable?",
    ),
    "it": (
        "Come cambio la mia password?",
        "Dove posso attivare la verifica in due passaggi?",
        "I miei clienti non riescono ad accedere alla pagina di prenotazione.",
        "Come tolgo l'accesso a un ex dipendente?",
    ),
    "pt": (
        "Como mudo a minha palavra-passe?",
        "Onde posso ativar a verificação em dois passos?",
        "Os meus alunos não conseguem entrar na página de reservas.",
        "Como dou acesso ao meu contabilista?",
    ),
    "nl": (
        "Hoe wijzig ik mijn wachtwoord?",
        "Waar kan ik tweestapsverificatie inschakelen?",
        "Mijn leerlingen kunnen niet inloggen op de boekingspagina.",
        "Hoe verwijder ik een oud-medewerker?",
    ),
    "pl": (
        "Jak zmienić hasło?",
        "Gdzie mogę włączyć weryfikację dwuetapową?",
        "Moi uczniowie nie mogą się zalogować na stronie rezerwacji.",
        "Jak dać dostęp mojej księgowej?",
    ),
    "sv": (
        "Hur byter jag lösenord?",
        "Var kan jag slå på tvåstegsverifiering?",
        "Mina elever kan inte logga in på bokningssidan.",
        "Hur ger jag min revisor åtkomst?",
    ),
    "da": (
        "Hvordan skifter jeg adgangskode?",
        "Hvor kan jeg slå totrinsbekræftelse til?",
        "Mine elever kan ikke logge ind på bookingsiden.",
        "Hvordan giver jeg min revisor adgang?",
    ),
    "ru": (
        "Как сменить пароль?",
        "Где можно включить двухфакторную аутентификацию?",
        "Мои ученики не могут войти на страницу записи.",
        "Как удалить бывшего сотрудника?",
    ),
    "uk": (
        "Як змінити пароль?",
        "Де можна увімкнути двофакторну автентифікацію?",
        "Мої учні не можуть увійти на сторінку запису.",
        "Як видалити колишнього працівника?",
    ),
    "tr": (
        "Şifremi nasıl değiştiririm?",
        "İki adımlı doğrulamayı nereden etkinleştirebilirim?",
        "Öğrencilerim rezervasyon sayfasına giriş yapamıyor.",
        "Eski çalışanı nasıl silerim?",
    ),
    "ja": (
        "パスワードの変更方法を教えてください。",
        "二段階認証はどこから設定できますか。",
        "生徒が予約ページにログインできません。",
        "退職した社員を削除する方法を教えてください。",
    ),
    "zh": (
        "怎么修改密码？",
        "在哪里开启两步验证？",
        "我的学员登录不了预约页面。",
        "怎么删除离职员工的账号?",
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
