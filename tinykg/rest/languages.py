"""What went wrong, in the language that a client prefers (WoT Discovery, 7.3.2: details may be localized)."""

from __future__ import annotations

from typing import Final

ENGLISH: Final = "en"

_SENTENCES: Final = {
    "de": {
        400: "Die Anfrage ist fehlerhaft.",
        401: "Dafür ist ein Zugangstoken nötig.",
        403: "Das ist hier nicht erlaubt.",
        404: "Das gibt es hier nicht.",
        405: "Diese Methode gibt es hier nicht.",
        406: "In keiner der gewünschten Formen liegt es vor.",
        409: "Das verträgt sich nicht mit dem, was hier schon ist.",
        412: "Der Stand, auf dem die Anfrage beruht, ist nicht der jetzige.",
        413: "Der Inhalt ist zu groß.",
        415: "Ein Inhalt dieser Art wird hier nicht gelesen.",
        416: "So weit reicht die Datei nicht.",
        422: "Der Inhalt lässt sich nicht verarbeiten.",
        429: "Das waren zu viele Anfragen; bitte warten.",
        500: "Im Server ist ein Fehler aufgetreten.",
        501: "Das wird hier nicht unterstützt.",
        502: "Ein anderer Dienst, den die Anfrage braucht, hat nicht geantwortet.",
        503: "Der Server ist gerade ausgelastet; bitte später noch einmal versuchen.",
    },
    "fr": {
        400: "La requête est erronée.",
        401: "Un jeton d'accès est nécessaire.",
        403: "Cela n'est pas permis ici.",
        404: "Cela n'existe pas ici.",
        405: "Cette méthode n'existe pas ici.",
        406: "Aucune des formes demandées n'est disponible.",
        409: "Cela est en conflit avec ce qui existe déjà ici.",
        412: "L'état sur lequel repose la requête n'est pas l'état actuel.",
        413: "Le contenu est trop grand.",
        415: "Un contenu de ce type n'est pas lu ici.",
        416: "Le fichier ne va pas jusque-là.",
        422: "Le contenu ne peut pas être traité.",
        429: "Trop de requêtes ; veuillez patienter.",
        500: "Une erreur est survenue dans le serveur.",
        501: "Cela n'est pas pris en charge ici.",
        502: "Un autre service, dont la requête a besoin, n'a pas répondu.",
        503: "Le serveur est occupé ; veuillez réessayer plus tard.",
    },
}


def localized(detail: str, status: int, accept_language: str | None) -> tuple[str, str]:
    """The detail of a problem for a client of these languages, and the value of Content-Language.

    In another language than English a sentence says what kind of error it is, and the detail follows in
    English; so the header names both (RFC 9110, 8.5).
    """
    language = preferred(accept_language)
    sentence = _SENTENCES.get(language, {}).get(status)
    if sentence is None:
        return detail, ENGLISH
    return f"{sentence} (English: {detail})", f"{language}, {ENGLISH}"


def preferred(accept_language: str | None) -> str:
    """The language of those that are spoken here which an Accept-Language header wants most, else English."""
    best, best_quality = ENGLISH, 0.0
    for part in (accept_language or "").split(","):
        wanted, _, parameters = part.partition(";")
        language = wanted.strip().casefold().partition("-")[0]
        quality = _quality(parameters)
        if (language in _SENTENCES or language == ENGLISH) and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if not name.strip():
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
