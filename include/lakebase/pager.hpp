#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

/// One page of a list.
template <class T>
struct Page {
  /// In the service's order; may be empty, also before the end.
  std::vector<T> items{};
  /// Token of the next page; empty at the end.
  std::string next_page_token{};
};

namespace detail {

/// The page tokens of one walk. In the library, as a set in this header would cost every include.
class LAKEBASE_EXPORT SeenPageTokens {
 public:
  /// @throws ParseError if the token came before
  void add(std::string const& token);

 private:
  struct Set;
  std::shared_ptr<Set> set_;
};

/// Walks the pages of a list, one at a time.
template <class T>
class PageWalk {
 public:
  using Fetch = std::function<Page<T>(std::string const& page_token)>;

  PageWalk(Fetch fetch, std::string first_token) : fetch_(std::move(fetch)), token_(std::move(first_token)) {
    if (!token_.empty()) seen_.add(token_);
  }

  /// Fetches the next page; false at the end.
  bool next() {
    if (ended_) return false;
    page_ = fetch_(token_);
    token_ = page_.next_page_token;
    ended_ = token_.empty();
    if (!ended_) seen_.add(token_);
    return true;
  }

  Page<T>& page() noexcept { return page_; }

 private:
  Fetch fetch_;
  std::string token_;
  Page<T> page_;
  SeenPageTokens seen_;
  bool ended_ = false;
};

}  // namespace detail

/// A list that is fetched as it is read: `for (auto const& b : client.list_branches(parent))`.
///
/// Nothing is requested before `begin`, and no more than one page is held. Each `begin` starts from the first page.
///
/// Thread safety: one iterator, with its copies, is for one thread at a time; iterators of several `begin` are
/// independent.
/// Exceptions: `begin` and `++` throw what the request of a page throws, and ParseError for a page token that comes
/// twice.
/// Lifetime: independent of the client that returned it; an item is valid until its iterator is incremented.
template <class T>
class [[nodiscard]] Pager {
 public:
  /// Fetches the page of a token.
  using Fetch = typename detail::PageWalk<T>::Fetch;

  /// `fetch` fetches the page of a token, the first one with `first_token`.
  explicit Pager(Fetch fetch, std::string first_token = {})
      : fetch_(std::move(fetch)), first_token_(std::move(first_token)) {}

  /// Input iterator over the items. Copies share one position.
  class iterator {
   public:
    // The names that an input iterator of C++20 has. Not that of C++17, `iterator_category`: `it++` gives nothing.
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using pointer = T*;
    using iterator_concept = std::input_iterator_tag;

    iterator() = default;
    reference operator*() const { return walk_->page().items[index_]; }
    pointer operator->() const { return &**this; }
    iterator& operator++() {
      ++index_;
      settle();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(iterator const& it, std::default_sentinel_t) { return it.walk_ == nullptr; }

   private:
    friend class Pager;
    explicit iterator(std::shared_ptr<detail::PageWalk<T>> walk) : walk_(std::move(walk)) { settle(); }

    // Goes on to the next item there is, over empty pages; at the end drops the walk.
    void settle() {
      while (index_ >= walk_->page().items.size()) {
        index_ = 0;
        if (!walk_->next()) {
          walk_.reset();
          return;
        }
      }
    }

    std::shared_ptr<detail::PageWalk<T>> walk_;
    std::size_t index_ = 0;
  };

  /// The pages of the list, as a range of `Page<T>`.
  class [[nodiscard]] Pages {
   public:
    /// Input iterator over the pages. Copies share one position.
    class iterator {
     public:
      using value_type = Page<T>;
      using difference_type = std::ptrdiff_t;
      using reference = Page<T>&;
      using pointer = Page<T>*;
      using iterator_concept = std::input_iterator_tag;

      iterator() = default;
      reference operator*() const { return walk_->page(); }
      pointer operator->() const { return &walk_->page(); }
      iterator& operator++() {
        if (!walk_->next()) walk_.reset();
        return *this;
      }
      void operator++(int) { ++*this; }
      friend bool operator==(iterator const& it, std::default_sentinel_t) { return it.walk_ == nullptr; }

     private:
      friend class Pages;
      explicit iterator(std::shared_ptr<detail::PageWalk<T>> walk) : walk_(std::move(walk)) { ++*this; }

      std::shared_ptr<detail::PageWalk<T>> walk_;
    };

    /// Fetches the first page.
    [[nodiscard]] iterator begin() const {
      return iterator{std::make_shared<detail::PageWalk<T>>(fetch_, first_token_)};
    }
    /// The end of the list.
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

   private:
    friend class Pager;
    Pages(Fetch fetch, std::string first_token) : fetch_(std::move(fetch)), first_token_(std::move(first_token)) {}

    Fetch fetch_;
    std::string first_token_;
  };

  /// Fetches the first page, and more until one has an item.
  [[nodiscard]] iterator begin() const { return iterator{std::make_shared<detail::PageWalk<T>>(fetch_, first_token_)}; }
  /// The end of the list.
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// The list by pages instead of by items.
  [[nodiscard]] Pages pages() const { return Pages{fetch_, first_token_}; }

  /// Reads the whole list.
  [[nodiscard]] std::vector<T> to_vector() const {
    std::vector<T> all;
    for (auto& page : pages()) {
      if (all.empty()) {
        all = std::move(page.items);
      } else {
        all.insert(all.end(), std::make_move_iterator(page.items.begin()), std::make_move_iterator(page.items.end()));
      }
    }
    return all;
  }

 private:
  Fetch fetch_;
  std::string first_token_;
};

}  // namespace v0
}  // namespace lakebase
