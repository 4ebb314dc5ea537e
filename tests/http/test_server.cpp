#include "test_server.hpp"

#include <stdexcept>
#include <thread>

namespace tests {

namespace {

http::Response text(std::string body) {
    http::Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

base::Task<http::Response> slow(const http::Request&) {
    co_return text("hello");
}

base::Task<http::Response> echo(const http::Request& request) {
    auto response = text(request.body);
    response.status = 201;
    co_return response;
}

base::Task<http::Response> big(const http::Request&) {
    co_return text(std::string(8 << 20, 'b'));
}

base::Task<http::Response> throws(const http::Request&) {
    throw std::runtime_error("secret reason");
    co_return text("");
}

base::Task<http::Response> refuses(const http::Request&) {
    co_return base::Error{base::Reason::not_found, "nothing_here", "There is nothing."};
}

base::Task<http::Response> about(const http::Request& request) {
    std::string all = request.path + " " + std::string(request.parameter("word")) + " " +
                      request.peer + " " + request.context.request_id + " ";
    if (request.context.actor.id) all += std::to_string(*request.context.actor.id);
    all += request.context.deadline.passed() ? " late" : " in time";
    co_return text(all);
}

base::Task<http::Response> wait_for(base::Task<int> released) {
    auto value = co_await std::move(released);
    if (!value) co_return value.error();
    co_return text("released");
}

}  // namespace

http::Config TestServer::quick() {
    http::Config config;
    config.listen = "127.0.0.1:0";
    config.threads = 1;
    return config;
}

TestServer::TestServer(http::Config config, bool open, More more)
    : server_(std::make_unique<http::Server>(config, metrics_)) {
    auto listener = make_listener(open, more);
    listener.listen = config.listen;
    server_->add(listener);
    listener.name = "operations";
    listener.listen = "127.0.0.1:0";
    listener.is_public = false;
    server_->add(listener);
    auto started = server_->start();
    if (!started) throw std::runtime_error(started.error().message);
    address_ = server_->addresses().at("http");
    operations_address_ = server_->addresses().at("operations");
}

TestServer::~TestServer() {
    release();
    server_->stop();
}

std::shared_ptr<http::Router> TestServer::make_router() {
    using http::Access;
    using http::Method;
    auto router =
        std::make_shared<http::Router>(std::map<std::string, std::string>{{"/old", "/about"}});
    router->add({Method::get, "/slow", Access::anyone, slow});
    router->add({Method::post, "/echo", Access::anyone, echo});
    router->add({Method::get, "/big", Access::anyone, big});
    router->add({Method::get, "/throws", Access::anyone, throws});
    router->add({Method::get, "/refuses", Access::anyone, refuses});
    router->add({Method::get, "/open/{token}", Access::anyone, slow});
    router->add({Method::get, "/admin", Access::admin, slow});
    router->add({Method::post, "/admin", Access::admin, echo});
    http::Route with_broken_cache{Method::get, "/about/{word}", Access::anyone, about};
    with_broken_cache.cached = [](const http::Request& request) {
        if (request.target == "/about/broken") throw std::runtime_error("a broken cache");
        return std::shared_ptr<const http::PreparedResponse>();
    };
    router->add(std::move(with_broken_cache));
    http::Route hello{Method::get, "/hello", Access::anyone, slow};
    auto ready = text("hello");
    ready.etag = "\"h\"";
    hello.cached = [this, prepared = http::prepare(ready)](const http::Request&) {
        ++cache_hits_;
        return prepared;
    };
    router->add(std::move(hello));
    router->add({Method::get, "/late", Access::anyone, [this](const http::Request&) {
                     return wait_for(base::suspend<int>([this](base::Completion<int> completion) {
                         std::lock_guard lock(mutex_);
                         waiting_.push_back(std::move(completion));
                         changed_.notify_all();
                     }));
                 }});
    return router;
}

http::Listener TestServer::make_listener(bool open, const More& more) {
    http::Listener listener;
    listener.name = "http";
    auto router = make_router();
    if (more.routes) more.routes(*router);
    listener.router = router;
    listener.interceptors = more.interceptors;
    if (open) {
        listener.authenticator = std::make_shared<http::OpenAuthenticator>();
    } else {
        listener.authenticator = std::make_shared<http::AnonymousAuthenticator>();
    }
    if (more.authenticator) listener.authenticator = more.authenticator;
    listener.chooser = more.chooser;
    listener.observer = more.observer;
    if (more.chooser) more.chooser->begin(*router);
    return listener;
}

void TestServer::release() {
    std::vector<base::Completion<int>> all;
    {
        std::lock_guard lock(mutex_);
        all.swap(waiting_);
    }
    for (auto& completion : all) completion(1);
}

void TestServer::wait_for_waiting(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10),
                           [&] { return waiting_.size() >= count; })) {
        throw std::runtime_error("nobody waits at /late");
    }
}

void TestServer::wait_for_connections(int count) {
    auto wanted = "portal_http_connections{listener=\"http\"} " + std::to_string(count) + "\n";
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (metrics_.text().find(wanted) == std::string::npos) {
        if (std::chrono::steady_clock::now() > until) throw std::runtime_error("connections stay");
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

}  // namespace tests
