"""Everyone reads aidlog in their own language: no sentence is left out."""

from functools import cache

import pytest

from tests.i18n.catalogues import LANGUAGES, catalogue, gaps, sentences


@cache
def found():
    return sentences()


@cache
def known(language):
    return catalogue(language)


def forms(message):
    string = message.string
    return tuple(string) if isinstance(string, tuple | list) else (string,)


def originals(message):
    return message.id if isinstance(message.id, tuple | list) else (message.id,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_missing(language):
    missing = [
        message.id
        for message in found()
        if message.id
        and (
            (there := known(language).get(message.id, message.context)) is None
            or not all(forms(there))
        )
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_keeps_the_gaps(language):
    wrong = [
        (message.id, form)
        for message in known(language)
        if message.id
        for form in forms(message)
        if form and gaps(form) != gaps(originals(message)[-1])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_that_the_code_no_longer_says(language):
    stale = [
        message.id
        for message in known(language)
        if message.id and found().get(message.id, message.context) is None
    ]
    assert stale == []


def test_the_code_has_sentences_to_translate():
    assert len(found()) > 200
