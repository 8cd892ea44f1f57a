"""REST: what Lookup says about a number.

Names and shapes from Twilio's library (`twilio/rest/lookups/v2`) and its documentation of Line
Type Intelligence. Numbers are judged as `phonenumbers` judges them.
"""

from typing import Annotated

import phonenumbers
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from webhooks.sandbox.exchange import Exchange
from webhooks.sandbox.rest import LOOKUPS, RestError, known_account

# Whatever can be asked for. The sandbox knows the first two; of the rest it answers null.
FIELDS = (
    "line_type_intelligence", "caller_name", "sim_swap", "call_forwarding", "line_status",
    "identity_match", "reassigned_number", "sms_pumping_risk", "phone_number_quality_score",
    "pre_fill",
)  # fmt: skip
CARRIERS = {
    "landline": "Practice Landline",
    "mobile": "Practice Mobile",
    "fixedVoip": "Practice Cable",
    "nonFixedVoip": "Practice Internet",
}  # the other types have none at Twilio either
TEST_NETWORK = "001"  # the mobile country code that the ITU set aside for tests
UNREADABLE = {
    NumberParseException.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    NumberParseException.NOT_A_NUMBER: "NOT_A_NUMBER",
    NumberParseException.TOO_SHORT_AFTER_IDD: "TOO_SHORT",
    NumberParseException.TOO_SHORT_NSN: "TOO_SHORT",
    NumberParseException.TOO_LONG: "TOO_LONG",
}
IMPOSSIBLE = {
    ValidationResult.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    ValidationResult.TOO_SHORT: "TOO_SHORT",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "TOO_SHORT",
    ValidationResult.TOO_LONG: "TOO_LONG",
    ValidationResult.INVALID_LENGTH: "INVALID_LENGTH",
}

router = APIRouter(prefix=LOOKUPS, include_in_schema=False)


@router.get("/{number}")
async def fetch(
    request: Request, exchange: Annotated[Exchange, Depends(known_account)], number: str
) -> Response:
    """An invalid number is no error: it is answered with `valid` false and the reason."""
    wanted = [f.strip() for f in request.query_params.get("Fields", "").split(",") if f.strip()]
    if unknown := set(wanted) - {*FIELDS, "validation"}:
        raise RestError(400, 20001, f"Invalid Fields: {', '.join(sorted(unknown))}")
    answer = _validated(number, request.query_params.get("CountryCode", "US"))
    answer |= dict.fromkeys(FIELDS)
    line_type = None
    if answer["valid"]:
        if "caller_name" in wanted:  # our phones have no names
            answer["caller_name"] = dict.fromkeys(("caller_name", "caller_type", "error_code"))
        if "line_type_intelligence" in wanted:
            line_type = exchange.texts.phones.line_type(str(answer["phone_number"]))
            answer["line_type_intelligence"] = _line_type(line_type)
    exchange.state.log(
        "lookup", number=answer["phone_number"], fields=wanted, valid=answer["valid"],
        line_type=line_type,
    )  # fmt: skip
    answer["url"] = f"https://lookups.twilio.com{LOOKUPS}/{answer['phone_number']}"
    return JSONResponse(answer)


def _validated(number: str, country: str) -> dict[str, object]:
    try:
        parsed = phonenumbers.parse(number, country.upper())
    except NumberParseException as refusal:
        return _invalid(number, UNREADABLE[refusal.error_type])
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason in IMPOSSIBLE:
        return _invalid(number, IMPOSSIBLE[reason])
    if not phonenumbers.is_valid_number(parsed):
        return _invalid(number, "INVALID_BUT_POSSIBLE")
    return {
        "calling_country_code": str(parsed.country_code),
        "country_code": phonenumbers.region_code_for_number(parsed),
        "phone_number": phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        "national_format": phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL),
        "valid": True,
        "validation_errors": None,
    }


def _invalid(number: str, reason: str) -> dict[str, object]:
    return {
        "calling_country_code": None,
        "country_code": None,
        "phone_number": number,
        "national_format": None,
        "valid": False,
        "validation_errors": [reason],
    }


def _line_type(line_type: str) -> dict[str, str | None]:
    carrier = CARRIERS.get(line_type)
    return {
        "error_code": None,
        "mobile_country_code": TEST_NETWORK if carrier else None,
        "mobile_network_code": "01" if line_type == "mobile" else None,
        "carrier_name": carrier,
        "type": line_type,
    }
