"""Where messages go. Addresses come from Grafana's environment: none is written into a file."""

from typing import Any, Final

OPERATION: Final = "IKM operasi"
LEADERS: Final = "IKM pimpinan"
HEARTBEAT: Final = "IKM detak"


def contact_points() -> dict[str, Any]:
    """Grafana's `contactPoints`."""
    return {
        "apiVersion": 1,
        "contactPoints": [
            _by_mail(OPERATION, "ikm-operasi", "${IKM_ALERT_EMAIL}"),
            _by_mail(LEADERS, "ikm-pimpinan", "${IKM_ALERT_EMAIL_PIMPINAN}"),
            {
                "orgId": 1,
                "name": HEARTBEAT,
                "receivers": [
                    {
                        "uid": "ikm-detak",
                        "type": "webhook",
                        # Whoever listens raises the alarm when nothing comes; that it ended would be one more message.
                        "disableResolveMessage": True,
                        "settings": {"url": "${IKM_ALERT_HEARTBEAT_URL}", "httpMethod": "POST"},
                    }
                ],
            },
        ],
    }


def _by_mail(name: str, uid: str, to: str) -> dict[str, Any]:
    return {
        "orgId": 1,
        "name": name,
        "receivers": [
            {
                "uid": uid,
                "type": "email",
                "disableResolveMessage": False,
                "settings": {
                    "addresses": to,
                    "singleEmail": True,
                    "subject": '{{ template "ikm.judul" . }}',
                    "message": '{{ template "ikm.pesan" . }}',
                },
            }
        ],
    }
