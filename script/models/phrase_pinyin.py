#!/usr/bin/env python3
"""Flatten pypinyin's phrase dictionary into lines of `phrase<TAB>syllable syllable ...` with tone digits.

usage: phrase_pinyin.py PHRASES_DICT_JSON OUT

Only one reading per character is kept (the first, as pypinyin does). Phrases whose readings do
not match their characters one to one are dropped. Sorted, so that the file repeats bit by bit.
"""

import json
import sys
import unicodedata

TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


def numbered(syllable):
    """`lǜ` to `lv4`; a syllable without a mark carries the neutral tone 5."""
    tone, letters = "5", []
    for mark in unicodedata.normalize("NFD", syllable):
        if mark in TONES:
            tone = TONES[mark]
        elif mark == "\u0308":
            letters[-1] = "v"
        elif mark != "\u0302":
            letters.append(mark)
    return "".join(letters) + tone


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        phrases = json.load(file)
    lines = []
    for phrase, readings in phrases.items():
        syllables = [numbered(options[0]) for options in readings]
        if len(syllables) == len(phrase) and all(s[:-1].isascii() and s[:-1].isalpha() for s in syllables):
            lines.append(f"{phrase}\t{' '.join(syllables)}\n")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.writelines(sorted(lines))


main()
