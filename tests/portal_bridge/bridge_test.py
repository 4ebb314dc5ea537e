"""What the tests of the bridge have in common."""

import io
import os
import random
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.test import TransactionTestCase, override_settings

from fake_portal import KEY, FakePortal
from portal_bridge import conf, loop, push
from portal_bridge.models import PortalOutbox, PortalRefusal


class BridgeTest(TransactionTestCase):
    """A portal of its own for each test, and no time that passes: who waits is noted in `waits`."""

    def setUp(self):
        self.portal = FakePortal()
        self.addCleanup(self.portal.close)
        self.set(url=self.portal.url)
        self.waits = []
        for patch in (
            mock.patch.dict(os.environ, {conf.KEY_VARIABLE: KEY}),
            mock.patch.object(loop, "wait", self.waits.append),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def tearDown(self):
        self.assertEqual(self.portal.complaints, [])

    def set(self, **members):
        """Changes members of PORTAL_BRIDGE for this test."""
        override = override_settings(PORTAL_BRIDGE={**settings.PORTAL_BRIDGE, **members})
        override.enable()
        self.addCleanup(override.disable)

    def run_command(self, name, *arguments, **options):
        out = io.StringIO()
        call_command(name, *arguments, stdout=out, **options)
        return out.getvalue()

    def push(self, **options):
        return self.run_command("portal_push", once=True, **options)

    def pull(self, **options):
        return self.run_command("portal_pull", once=True, **options)

    def pushed(self):
        """What portal is told of from now on."""
        self.portal.applied.clear()
        self.push()
        return self.portal.told()

    def marks(self):
        while PortalOutbox.objects.exclude(push.NO_LOOKUP).exists():
            push.Pusher(conf.current(), None)._look_up()
        return list(PortalOutbox.objects.order_by("id").values_list("model", "row"))

    def refusals(self):
        return list(PortalRefusal.objects.order_by("id").values_list("model", "row", "code"))


def seeded(name):
    """Randomness that says how to have it again: PORTAL_BRIDGE_SEED."""
    seed = int(os.environ.get("PORTAL_BRIDGE_SEED") or random.SystemRandom().getrandbits(32))
    print(f"{name}: PORTAL_BRIDGE_SEED={seed}", flush=True)
    return random.Random(seed)
