import hashlib
import time

import django
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from .downloads import asked_range, lines
from .forms import ContactForm
from .models import Article
from .streams import piecewise


@require_safe
def front_page(request):
    articles = Article.objects.public().select_related("author")[:20]
    return render(request, "news/front_page.html", {"articles": articles})


@require_safe
def article_page(request, slug):
    articles = Article.objects.public().select_related("author", "category")
    return render(
        request, "news/article_page.html", {"article": get_object_or_404(articles, slug=slug)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        message = form.save()
        messages.success(request, f"Thank you, {message.name}.")
        return redirect("/contact/")
    visits = request.session["visits"]
    return render(request, "news/contact.html", {"form": form, "visits": visits})


def taken(read):
    """The size and the hash of everything that `read(bytes)` gives."""
    size, digest = 0, hashlib.sha256()
    while piece := read(1 << 16):
        size += len(piece)
        digest.update(piece)
    return {"size": size, "sha256": digest.hexdigest()}


@csrf_exempt
@require_http_methods(["POST", "PUT"])
def upload(request):
    if request.content_type != "multipart/form-data":
        return JsonResponse({"content_type": request.content_type, **taken(request.read)})
    files = [
        {"field": field, "name": file.name, "content_type": file.content_type, **taken(file.read)}
        for field, file in request.FILES.items()
    ]
    return JsonResponse({"files": files, "fields": request.POST.dict()})


@require_safe
def download(request, size):
    etag = f'"lines-{size}"'
    wanted = None
    if request.headers.get("If-Range", etag) == etag:
        wanted = asked_range(request.headers.get("Range"), size)
    if wanted is False:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    begin, end = wanted or (0, size)
    response = StreamingHttpResponse(
        lines(begin, end), status=206 if wanted else 200, content_type="text/plain"
    )
    if wanted:
        response["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    # Without it the answer comes chunked, or up to the end of the connection.
    if "unsized" not in request.GET:
        response["Content-Length"] = end - begin
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    return response


@require_safe
def moved_relative(request):
    return HttpResponseRedirect("/whoami/?from=relative")


@require_safe
def moved_absolute(request):
    return HttpResponseRedirect(request.build_absolute_uri("/whoami/?from=absolute"))


@require_safe
def stream(request):
    size = int(request.GET.get("size", 0))
    return piecewise(
        request, lambda number: f"piece {number}\n".encode().rjust(size, b"."), "text/plain"
    )


@require_safe
def events(request):
    """Server-sent events; a client that comes back with Last-Event-ID goes on after it."""

    def event(number):
        return f"id: {number}\nevent: tick\ndata: {{\"number\": {number}}}\n\n".encode()

    first = int(request.headers.get("Last-Event-ID", -1)) + 1
    return piecewise(request, event, "text/event-stream", first)


@require_safe
def who_has_logged_in(request):
    """Whose session that is, for who serves pages beside this site."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return JsonResponse({"model": request.user._meta.label_lower, "pk": request.user.pk})


@csrf_exempt
def whoami(request):
    """The request as Django sees it."""
    body = taken(request.read)
    meta = request.META
    return JsonResponse(
        {
            "method": request.method,
            "path": request.get_full_path(),
            "scheme": request.scheme,
            "is_secure": request.is_secure(),
            "host": request.get_host(),
            "absolute": request.build_absolute_uri(),
            "remote_addr": meta.get("REMOTE_ADDR"),
            "script_name": meta.get("SCRIPT_NAME"),
            "content_length": meta.get("CONTENT_LENGTH"),
            "content_type": meta.get("CONTENT_TYPE"),
            "headers": {name: value for name, value in meta.items() if name.startswith("HTTP_")},
            "cookies": request.COOKIES,
            "user": request.user.get_username(),
            "body": body,
            "django": django.get_version(),
        }
    )


@require_safe
def cookies(request):
    response = HttpResponse("Two cookies.\n", content_type="text/plain")
    response.set_cookie("reader", "r-17", max_age=3600, httponly=True, samesite="Lax")
    response.set_cookie("edition", "late, city", path="/articles/")
    return response


@csrf_exempt
def slow(request):
    time.sleep(min(int(request.GET.get("ms", 1000)), 60000) / 1000)
    return HttpResponse("late\n", content_type="text/plain")


@csrf_exempt
def status(request, code):
    if not 200 <= code <= 599:
        return HttpResponse("Only 200 to 599.\n", status=400, content_type="text/plain")
    bare = code in (204, 304)
    response = HttpResponse("" if bare else f"status {code}\n", status=code)
    response["Content-Type"] = "text/plain"
    if code == 401:
        response["WWW-Authenticate"] = 'Basic realm="newsroom"'
    if code in (429, 503):
        response["Retry-After"] = "7"
    if code in (301, 302, 303, 307, 308):
        response["Location"] = "/whoami/"
    return response


@csrf_exempt
def broken(request):
    raise RuntimeError(f"broken as asked at {timezone.now():%H:%M:%S}")
