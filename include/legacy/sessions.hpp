#pragma once

#include "http/interceptor.hpp"
#include "http/router.hpp"

namespace legacy {

/// Who sent a request, also by the logins of a Django site that people were imported from: its
/// session cookie, an access token of simplejwt, or a token of REST framework. As the last
/// interceptor of a listener it finds that out, where it may have to wait, and leaves it in the
/// request's context; as the listener's authenticator it tells it, and asks our own for all else.
/// Our own credentials win. Thread-safe.
///
/// A cookie that does not hold is as none; one of which that cannot be known now is too where
/// anyone may ask, and else refused with `login_unknown` (unavailable). A change that comes with
/// one is refused (forbidden) with `csrf_token_missing`, `csrf_token_wrong` or `csrf_origin_wrong`
/// unless Django's own rule holds. A token that does not hold is refused (unauthenticated) with
/// `invalid_token` or `token_expired`. Whoever is not active here, or has a password of their own
/// here by now, is nobody.
///
/// `DELETE /v1/auth/session` with such a cookie is a logout there too, whoever it is by: the site
/// is asked to end that session, or those of the last four if there are several, the cookie is
/// cleared, and from then on nobody's here. It needs no CSRF token: no other page can send it. What
/// the site does not do is logged, and stops nobody.
class Sessions : public http::Interceptor, public http::Authenticator {};

}  // namespace legacy
