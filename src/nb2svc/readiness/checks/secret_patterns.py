"""What a secret looks like: tokens with a known form, and names that announce one.

Each token pattern is anchored on the issuer's own prefix, so that it needs no guess about randomness.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPattern:
    """A token with a known form; `kind` names it without showing it."""

    kind: str
    pattern: re.Pattern[str]


def _token(kind: str, pattern: str) -> TokenPattern:
    return TokenPattern(kind=kind, pattern=re.compile(rf"(?<![A-Za-z0-9_-]){pattern}(?![A-Za-z0-9_-])"))


TOKENS: tuple[TokenPattern, ...] = (
    _token("an AWS access key id", r"(?:AKIA|ASIA)[A-Z2-7]{16}"),
    _token("a GitHub token", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _token("a GitHub fine-grained token", r"github_pat_[A-Za-z0-9_]{60,255}"),
    _token("a GitLab token", r"gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[A-Za-z0-9_-]{20,64}"),
    _token("a Slack token", r"xox[abposr]-[A-Za-z0-9-]{20,250}"),
    _token("a Stripe key", r"[rs]k_(?:live|test)_[A-Za-z0-9]{20,247}"),
    _token("a Google API key", r"AIza[A-Za-z0-9_-]{35}"),
    _token("a Google OAuth token", r"ya29\.[A-Za-z0-9_-]{20,300}"),
    _token("a Google OAuth client secret", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    _token("an Anthropic key", r"sk-ant-[A-Za-z0-9_-]{32,160}"),
    _token("an OpenAI key", r"sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{10,140}T3BlbkFJ[A-Za-z0-9_-]{10,140}"),
    _token("an OpenAI-style key", r"sk-(?=[A-Za-z0-9]{0,47}[0-9])(?=[A-Za-z0-9]{0,47}[A-Z])[A-Za-z0-9]{40,64}"),
    _token("a Hugging Face token", r"hf_[A-Za-z0-9]{34,40}"),
    _token("a Kaggle token", r"KGAT_[0-9a-f]{32}"),
    TokenPattern(
        kind="a Kaggle key",
        pattern=re.compile(
            r"username\\?\"\s{0,2}:\s{0,2}\\?\"[^\"\\]{1,64}\\?\"\s{0,2},\s{0,2}\\?\"key\\?\"\s{0,2}:\s{0,2}\\?\"[0-9a-f]{32}"
        ),
    ),
    _token("a PyPI token", r"pypi-AgE[A-Za-z0-9_-]{50,300}"),
    _token("an npm token", r"npm_[A-Za-z0-9]{36}"),
    _token("a SendGrid key", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _token("a Twilio key", r"SK[0-9a-f]{32}"),
    _token("a Databricks token", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _token("a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}"),
    _token("a JSON web token", r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}"),
    TokenPattern(
        kind="a Slack webhook", pattern=re.compile(r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}")
    ),
    TokenPattern(kind="an Azure account key", pattern=re.compile(r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,100}={0,2}")),
    TokenPattern(
        kind="a private key",
        pattern=re.compile(r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----\s{0,4}(?:\\n)?[A-Za-z0-9+/=:, \r\n-]{32}"),
    ),
)

# scheme://user:password@host, where the password is no placeholder (judged by its caller).
URL_PASSWORD = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"<>{}]{1,64}:(?P<value>[^\s/@'\"<>{}]{3,128})@[\w.-]")

# A word that announces a secret, the rest of the name, an assignment and a quoted literal:
#   db_password = "…"   "api_key": "…"   os.environ["HF_TOKEN"] = '…'   connect(passwd="…")
ASSIGNED = re.compile(
    r"(?P<word>password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|auth[_-]?key|private[_-]?key"
    r"|credentials?)(?P<rest>(?:[_-][\w-]{0,40})?)\\?[\"']?\]?[ \t]{0,8}(?::[ \t]{0,4}(?:str|bytes)[ \t]{0,4})?"
    r"(?:=(?!=)|:|=>)[ \t]{0,8}"
    r"[rRbBuUfF]{0,2}(?P<quote>\\?[\"'])(?P<value>[^\"'\r\n\\]{4,512})(?P=quote)",
    re.IGNORECASE,
)

# The same in a shell line or a dotenv text, without quotes: export DB_PASSWORD=…   %env HF_TOKEN=…   --password …
EXPORTED = re.compile(
    r"(?m)^[ \t]*(?P<shell>(?:!|%|\$ )?[ \t]*(?:export[ \t]+|set[ \t]+|%?env[ \t]+)?)[A-Za-z0-9_]{0,40}?"
    r"(?P<word>PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY)"
    r"(?P<rest>(?:_[A-Z0-9_]{0,40})?)[ \t]?=(?P<value>[^\s\"'=(){}\[\],;$<>]{6,256})[ \t]*$"
)

PASSWORD_WORDS = ("password", "passwd", "passphrase", "pwd")

# The name goes on to say that it is about a secret, not one: token_pattern, password_column, secret_name, token_count.
ABOUT = re.compile(
    r"[_-](?:pattern|regex|re|name|names|column|columns|col|cols|path|file|dir|url|uri|endpoint|env|var|type|kind|field|key_name"
    r"|format|length|len|count|min|max|policy|label|prompt|hint|help|placeholder|header|prefix|suffix|class|strategy|processor)s?$",
    re.IGNORECASE,
)

# Values that stand for a secret without being one.
PLACEHOLDER = re.compile(
    r"your|example|changeme|change[_-]me|placeholder|dummy|redacted|replace|insert|goes[_ -]?here|x{3,}|\*{3,}|\.{3,}|…"
    r"|\{[^}]*\}|%s|^<|>$|^\$[A-Za-z_]+$|^(?:none|null|true|false|test|testing|password|passwd|secret|token|user|admin|root|guest|public"
    r"|default|value)$",
    re.IGNORECASE,
)

# A token's form is certain enough that only the documentation's own stand-ins are let through.
TOKEN_PLACEHOLDER = re.compile(r"example|x{6,}|(.)\1{9,}", re.IGNORECASE)
