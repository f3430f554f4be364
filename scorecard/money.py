"""Exact money: whole minor units (cents) in, whole minor units out; never a float amount."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

AMOUNT_MAX = 10**12
"""Major units of any currency: more than any company's revenue, and sums over all accounts stay in 64 bits."""

EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "UYW": 4, "VND": 0,
    "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
"""Digits after the point where they are not two (ISO 4217, list one)."""


SCALES = {currency: int(10**digits) for currency, digits in EXPONENTS.items()}
"""Minor units of a major one, where they are not a hundred."""


class MoneyError(ValueError):
    """An amount that is none: the message says what is allowed."""


def exponent(currency: str) -> int:
    """Digits after the point of a currency's minor unit.

    >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    return EXPONENTS.get(currency, 2)


def minor(amount: object, currency: str) -> int:
    """Whole minor units of an amount in major units, as JSON has it: a number, or a number as text.

    What has more digits than the currency is rounded half to even, here and once. MoneyError where it is no finite
    number or beyond AMOUNT_MAX; a negative amount is an amount.

    >>> minor(1200.5, "EUR"), minor("0.125", "EUR"), minor(1200, "JPY")
    (120050, 12, 1200)
    """
    if type(amount) is int and -AMOUNT_MAX <= amount <= AMOUNT_MAX:  # the usual case, for speed
        return amount * SCALES.get(currency, 100)
    if isinstance(amount, bool) or not isinstance(amount, int | float | str | Decimal):
        raise MoneyError("must be a number")
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        raise MoneyError("must be a number") from None
    if not value.is_finite():
        raise MoneyError("must be a finite number")
    if abs(value) > AMOUNT_MAX:
        raise MoneyError(f"beyond the limit of {AMOUNT_MAX}")
    return int(value.scaleb(exponent(currency)).to_integral_value(ROUND_HALF_EVEN))


def major(cents: int, currency: str) -> Decimal:
    """The amount in major units, exactly.

    >>> major(120050, "EUR")
    Decimal('1200.50')
    """
    return Decimal(cents).scaleb(-exponent(currency))
