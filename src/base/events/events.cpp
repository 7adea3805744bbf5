#include <lakebase/events.hpp>

#include <utility>

namespace lakebase {
inline namespace v0 {

namespace {

bool is_about_sql(EventKind kind) {
  return kind >= EventKind::connect;
}

// Collects what is known.
class Attributes {
 public:
  void add(std::string_view name, std::string_view text) {
    if (!text.empty()) all_.push_back({.name = name, .text = text});
  }
  void add(std::string_view name, std::int64_t number) {
    if (number != 0) all_.push_back({.name = name, .number = number});
  }
  void add_known(std::string_view name, std::optional<std::uint64_t> const& number) {
    if (number) all_.push_back({.name = name, .number = static_cast<std::int64_t>(*number)});
  }
  std::vector<EventAttribute> take() { return std::move(all_); }

 private:
  std::vector<EventAttribute> all_{};
};

void add_http(Attributes& to, Event const& event) {
  to.add("http.request.method", event.method);
  to.add("url.path", event.path);
  to.add("url.template", event.url_template);
  to.add("http.response.status_code", event.http_status);
  if (event.kind == EventKind::attempt && event.attempts > 1) to.add("http.request.resend_count", event.attempts - 1);
  to.add("lakebase.request.id", event.request_id);
}

void add_sql(Attributes& to, Event const& event) {
  to.add("db.system.name", "postgresql");
  to.add("db.namespace", event.database);
  to.add("db.operation.name", event.operation);
  to.add("db.operation.batch.size", event.batch_size);
  to.add("db.query.text", event.query_text);
  to.add("db.response.status_code", event.sqlstate);
  to.add_known("db.response.returned_rows", event.rows);
  to.add("db.client.connection.pool.name", event.pool);
  to.add("lakebase.pool.queued_ms", std::chrono::duration_cast<std::chrono::milliseconds>(event.queued).count());
  to.add("lakebase.pool.close_reason", event.reason);
}

// One observer in front of several.
class Joined final : public EventObserver {
 public:
  explicit Joined(std::vector<std::shared_ptr<EventObserver>> observers) : observers_(std::move(observers)) {
    std::erase(observers_, nullptr);
    for (auto const& one : observers_) wants_text_ = wants_text_ || one->wants_query_text();
  }

  bool wants_query_text() const noexcept override { return wants_text_; }

  Context began(Event const& event) override {
    auto contexts = std::make_shared<std::vector<Context>>(observers_.size());
    for (std::size_t i = 0; i < observers_.size(); ++i) {
      try {
        (*contexts)[i] = observers_[i]->began(for_one(*observers_[i], event));
      } catch (...) {  // the others are told all the same
      }
    }
    return contexts;
  }

  void ended(Event const& event, Context context) override {
    auto* const contexts = static_cast<std::vector<Context>*>(context.get());
    for (auto i = observers_.size(); i-- > 0;) {
      try {
        auto own = contexts == nullptr ? Context{} : std::move((*contexts)[i]);
        observers_[i]->ended(for_one(*observers_[i], event), std::move(own));
      } catch (...) {  // the others are told all the same
      }
    }
  }

 private:
  static Event for_one(EventObserver const& observer, Event event) {
    if (!observer.wants_query_text()) event.query_text = {};
    return event;
  }

  std::vector<std::shared_ptr<EventObserver>> observers_;
  bool wants_text_ = false;
};

}  // namespace

std::string_view to_string(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::call:
      return "call";
    case EventKind::attempt:
      return "attempt";
    case EventKind::wait:
      return "wait";
    case EventKind::mint:
      return "mint";
    case EventKind::connect:
      return "connect";
    case EventKind::login:
      return "login";
    case EventKind::query:
      return "query";
    case EventKind::copy:
      return "copy";
    case EventKind::acquire:
      return "acquire";
    case EventKind::open:
      return "open";
    case EventKind::release:
      return "release";
    case EventKind::close:
      return "close";
  }
  return "?";
}

std::vector<EventAttribute> attributes_of(Event const& event) {
  Attributes attributes;
  add_http(attributes, event);
  if (is_about_sql(event.kind)) add_sql(attributes, event);
  bool const counts = event.kind == EventKind::call || event.kind == EventKind::connect;
  if (counts || event.kind == EventKind::login) attributes.add("lakebase.attempts", event.attempts);
  if (event.kind == EventKind::wait) attributes.add("lakebase.operation.polls", event.attempts);
  if (event.kind == EventKind::wait) attributes.add("lakebase.operation.name", event.subject);
  if (event.kind == EventKind::mint) attributes.add("lakebase.auth.strategy", event.subject);
  attributes.add("server.address", event.server_address);
  attributes.add("server.port", event.server_port);
  attributes.add("error.type", event.error_type);
  return attributes.take();
}

EventObserver::~EventObserver() = default;

EventObserver::Context EventObserver::began(Event const& event) {
  static_cast<void>(event);
  return nullptr;
}

bool EventObserver::wants_query_text() const noexcept {
  return false;
}

std::shared_ptr<EventObserver> join_observers(std::vector<std::shared_ptr<EventObserver>> observers) {
  return std::make_shared<Joined>(std::move(observers));
}

}  // namespace v0
}  // namespace lakebase
