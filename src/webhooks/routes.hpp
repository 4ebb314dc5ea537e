#pragma once

#include "delivery_service.hpp"
#include "delivery_store.hpp"
#include "http/router.hpp"
#include "webhook_store.hpp"
#include "webhooks_service.hpp"

namespace webhooks {

/// /v1/webhooks…, for admins. What it is given outlives it.
class Routes {
public:
    Routes(WebhooksService& webhooks, WebhookStore& store, DeliveryStore& deliveries,
           DeliveryService& delivery, const Sender& sender, const base::Clock& clock)
        : webhooks_(webhooks),
          store_(store),
          deliveries_(deliveries),
          delivery_(delivery),
          sender_(sender),
          clock_(clock) {}

    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer create(const http::Request& request);
    Answer all(const http::Request& request);
    Answer one(const http::Request& request);
    Answer change(const http::Request& request);
    Answer remove(const http::Request& request);
    Answer rotate_secret(const http::Request& request);
    Answer try_out(const http::Request& request);
    Answer replay(const http::Request& request);
    Answer deliveries(const http::Request& request);
    Answer redeliver(const http::Request& request);

    WebhooksService& webhooks_;
    WebhookStore& store_;
    DeliveryStore& deliveries_;
    DeliveryService& delivery_;
    const Sender& sender_;
    const base::Clock& clock_;
};

}  // namespace webhooks
