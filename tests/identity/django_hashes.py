#!/usr/bin/python3
"""Prints, as JSON, what each hasher of the Django of this Python makes of the passwords given as arguments.

tests/identity/django_hashes.json was made of this, for a Django that has the older hashers and one that has the
newer ones:
    for python in /usr/bin/python3 build/django/bin/python; do $python tests/identity/django_hashes.py; done
A test also runs it, so that what is looked at is never only what was once written down.
"""
import json
import sys

import django
from django.conf import settings

NAMES = """PBKDF2PasswordHasher PBKDF2SHA1PasswordHasher Argon2PasswordHasher BCryptSHA256PasswordHasher
    BCryptPasswordHasher ScryptPasswordHasher MD5PasswordHasher SHA1PasswordHasher UnsaltedMD5PasswordHasher
    UnsaltedSHA1PasswordHasher""".split()
PASSWORDS = ["rowing on the lake", "na\u00efve caf\u00e9 \u96ea", "x" * 100]


def main():
    from django.contrib.auth import hashers

    there = [name for name in NAMES if hasattr(hashers, name)]
    settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers." + name for name in there])
    vectors = []
    for name in there:
        hasher = getattr(hashers, name)()
        try:
            if hasher.library:
                hasher._load_library()
        except ValueError:
            continue  # its library is not installed
        for password in sys.argv[1:] or PASSWORDS:
            text = hashers.make_password(password, hasher=hasher.algorithm)
            assert hashers.check_password(password, text)
            vectors.append({"hasher": hasher.algorithm, "django": django.get_version(),
                            "password": password, "text": text})
    json.dump(vectors, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
