"""A client in Python, as somebody would write it on what is generated from the contract: registers,
logs in, writes, lists, looks back."""

import datetime
import io
import os

from portal_client import AuthenticatedClient, Client
from portal_client.api.login import log_in, set_role
from portal_client.api.media import read_original, upload_media
from portal_client.api.news import (create_news, list_news, page_news, publish_news,
                                    read_news_history, revise_news)
from portal_client.api.users import register_user, remove_user
from portal_client.models import (Credentials, ErrorCode, Failure, MediaForm, NewsCreation,
                                  NewsCreationStatus, NewsRevision, NewsStatus, Publication, Role, RoleChange, TokenPair,
                                  UserRegistration)
from portal_client.types import File

URL = os.environ["PORTAL_URL"]
EMAIL = "python@example.org"
PASSWORD = "rowing on the lake"


def logged_in(email, password):
    pair = log_in.sync(client=Client(base_url=URL),
                       body=Credentials(email=email, password=password))
    assert isinstance(pair, TokenPair), pair
    return AuthenticatedClient(base_url=URL, token=pair.access_token)


def main():
    anybody = Client(base_url=URL)
    admin = logged_in(os.environ["PORTAL_ADMIN"], os.environ["PORTAL_PASSWORD"])
    user = register_user.sync(
        client=anybody, body=UserRegistration(name="Ann", email=EMAIL, password=PASSWORD))
    assert not isinstance(user, Failure), user
    assert isinstance(user.created_at, datetime.datetime)
    account = set_role.sync(user.id, client=admin, body=RoleChange(role=Role.AUTHOR))
    assert account.role == Role.AUTHOR, account
    author = logged_in(EMAIL, PASSWORD)

    draft = NewsCreation(title="Rowers win", content="By a length.", author="Ann", tags=["rowing"],
                         status=NewsCreationStatus.DRAFT)
    item = create_news.sync("sports", client=author, body=draft, idempotency_key="python-1").news
    assert item.status == NewsStatus.DRAFT and item.published_at is None, item
    again = create_news.sync("sports", client=author, body=draft, idempotency_key="python-1").news
    assert again.id == item.id
    published = publish_news.sync("sports", item.id, client=author, body=Publication()).news
    assert published.status == NewsStatus.PUBLISHED, published
    revised = revise_news.sync(
        "sports", client=author,
        body=NewsRevision(id=item.id, version=published.version, title="Rowers win again"))
    assert revised.news.version == 3, revised

    late = revise_news.sync(
        "sports", client=author, body=NewsRevision(id=item.id, version=1, title="Rowers lose"))
    assert isinstance(late, Failure) and late.error == ErrorCode.VERSION_CONFLICT, late
    assert late.current_version == 3

    programme = b"%PDF-1.7 the programme"
    form = MediaForm(file=File(io.BytesIO(programme), "a.pdf", "text/plain"), alt="The programme")
    kept = upload_media.sync(client=author, body=form)
    assert kept.type_ == "application/pdf" and kept.alt == "The programme", kept
    assert read_original.sync(kept.id, client=author).payload.read() == programme

    found = list_news.sync("all", client=anybody, limit=100)
    assert any(one.id == item.id and one.title == "Rowers win again" for one in found.news), found
    assert found.next_ is None
    assert page_news.sync("sports", 1, 10, client=anybody).news
    history = read_news_history.sync("sports", item.id, client=author).history
    assert [one.type_.value for one in history] == [
        "article_created.v1", "article_published.v1", "article_revised.v1"], history
    assert history[2].changes["title"] == ["Rowers win", "Rowers win again"]
    assert remove_user.sync(user.id, client=author).result.value == "success"
    print("Python: the whole flow, typed")


main()
