"""Builds small raw mails for tests."""


def raw(
    body: str | bytes = "Hello, my calendar is empty since Monday. What can I do about it?",
    *,
    sender: str | None = "Tomas Okafor <tomas@okafor.example>",
    subject: str | None = "Calendar empty",
    message_id: str | None = "<first@okafor.example>",
    to: str = "support@tallybird.example",
    content_type: str = "text/plain; charset=utf-8",
    **headers: str,
) -> bytes:
    """One mail. Keyword headers: `in_reply_to="<…>"` becomes `In-Reply-To: <…>`; None leaves a header out."""
    given = {"From": sender, "To": to, "Subject": subject, "Message-ID": message_id}
    given |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value is not None]
    head = "\r\n".join([*lines, "MIME-Version: 1.0", f"Content-Type: {content_type}"])
    content = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode()
    return head.encode("utf-8") + b"\r\n\r\n" + content


def multipart(kind: str, *parts: str | bytes, **headers: str) -> bytes:
    """A multipart mail; each part is written with its own headers."""
    encoded = [part if isinstance(part, bytes) else part.replace("\n", "\r\n").encode() for part in parts]
    body = b"".join(b"--frontier\r\n" + part + b"\r\n" for part in encoded) + b"--frontier--\r\n"
    return raw(body, content_type=f'multipart/{kind}; boundary="frontier"', **headers)


def text_part(text: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{text}"


def file_part(name: str, content: str = "aGVsbG8=", kind: str = "application/octet-stream") -> str:
    return (
        f'Content-Type: {kind}\nContent-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{content}"
    )


def bounce(original_id: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    status_lines = f"Final-Recipient: rfc822; x@y\nAction: {action}\nStatus: {status}"
    report = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{status_lines}"
    original = f"Content-Type: message/rfc822\n\nMessage-ID: <{original_id}>\nSubject: Re: x\n\nHello"
    return multipart(
        "report; report-type=delivery-status",
        text_part("Your mail could not be delivered."),
        report,
        original,
        sender="Mail Delivery System <MAILER-DAEMON@mx.example>",
        subject="Undelivered Mail Returned to Sender",
        message_id="<bounce@mx.example>",
        return_path="<>",
    )
