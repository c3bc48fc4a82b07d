"""`readalso check --live`: each kind of message that the bot sends, tried on the real Telegram."""

from bot.cli.check import Finding
from bot.delivery.outcomes import outcome_text
from bot.errors import SetupError
from bot.model import ChatGone, ChatId, Sent
from bot.settings import Settings
from bot.telegram.api.trial_messages import GAP_SECONDS, try_messages


async def check_live(settings: Settings, *, gap_seconds: float = GAP_SECONDS) -> list[Finding]:
    """Send each kind of message to the first of ADMINS, without a sound, and delete them all.

    The findings name what Telegram refused, in its words.
    """
    if settings.bot_token is None or not settings.admins:
        words = "needs BOT_TOKEN, and your number in ADMINS: nothing was sent"
        return [Finding("messages", False, words, is_configuration=True)]
    token, api = settings.bot_token.get_secret_value(), str(settings.telegram_api)
    chat_id = ChatId(min(settings.admins))
    try:
        outcomes = await try_messages(token, api, chat_id, gap_seconds=gap_seconds)
    except SetupError as error:
        return [Finding("messages", False, str(error), is_configuration=True)]
    findings = []
    for name, outcome in outcomes:
        remedy = "; write /start to the bot first" if isinstance(outcome, ChatGone) else ""
        words = "accepted" if isinstance(outcome, Sent) else f"{outcome_text(outcome)}{remedy}"
        findings.append(Finding("messages", isinstance(outcome, Sent), f"{name}: {words}"))
    return findings
