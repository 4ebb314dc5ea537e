from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


def who(request):
    return HttpResponse(request.user.get_username() or "nobody")


def log_out(request):
    from django.contrib.auth import logout

    logout(request)
    return HttpResponse("bye")


urlpatterns = [
    path("who", who),
    path("exempt", csrf_exempt(who)),
    path("logout", log_out),
]

try:
    from portal_bridge.auth import PortalAuthentication
    from rest_framework.decorators import api_view, authentication_classes
    from rest_framework.response import Response
except ImportError:
    pass
else:

    @api_view(["GET", "POST"])
    @authentication_classes([PortalAuthentication])
    def api(request):
        return Response({"user": request.user.get_username()})

    urlpatterns.append(path("api", api))
