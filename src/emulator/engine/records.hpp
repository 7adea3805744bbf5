#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lakebase::emulator {

/// What a record is known by among its like: its `id`, or else its `name`.
template <class Record>
std::string const& key_of(Record const& record) {
  if constexpr (requires { record.id; }) {
    return record.id;
  } else {
    return record.name;
  }
}

/// Records of one kind, in the order in which they were added. A copy shares its records with the original until the
/// one or the other changes one, so that it costs a pointer a record; and what two copies share is known to be the same
/// without a look at it.
template <class Record>
class Records {
  using Pointers = std::vector<std::shared_ptr<Record const>>;

 public:
  using value_type = Record;

  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Record;
    using difference_type = std::ptrdiff_t;
    using pointer = Record const*;
    using reference = Record const&;

    const_iterator() = default;
    explicit const_iterator(typename Pointers::const_iterator at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    const_iterator operator++(int) { return const_iterator{at_++}; }
    friend bool operator==(const_iterator const&, const_iterator const&) = default;

   private:
    typename Pointers::const_iterator at_{};
  };

  const_iterator begin() const { return const_iterator{pointers_.begin()}; }
  const_iterator end() const { return const_iterator{pointers_.end()}; }
  std::size_t size() const { return pointers_.size(); }
  bool empty() const { return pointers_.empty(); }
  Record const& front() const { return *pointers_.front(); }
  Record& front() { return own(pointers_.front()); }

  void push_back(Record record) { pointers_.push_back(std::make_shared<Record>(std::move(record))); }

  /// The record of this key, or null. The youngest are found first.
  Record const* find(std::string_view key) const {
    for (auto record = pointers_.rbegin(); record != pointers_.rend(); ++record) {
      if (key_of(**record) == key) return record->get();
    }
    return nullptr;
  }
  /// The same, to be changed.
  Record* find(std::string_view key) {
    for (auto record = pointers_.rbegin(); record != pointers_.rend(); ++record) {
      if (key_of(**record) == key) return &own(*record);
    }
    return nullptr;
  }

  template <class Predicate>
  void erase_if(Predicate const& is_wanted) {
    std::erase_if(pointers_, [&](auto const& record) { return is_wanted(*record); });
  }
  void erase(std::string_view key) {
    erase_if([&](Record const& record) { return key_of(record) == key; });
  }
  /// Calls the function with each record for which the other says so, to be changed.
  template <class Predicate, class Function>
  void change_if(Predicate const& is_wanted, Function const& change) {
    for (auto& record : pointers_) {
      if (is_wanted(std::as_const(*record))) change(own(record));
    }
  }
  template <class Function>
  void change_all(Function const& change) {
    change_if([](Record const&) { return true; }, change);
  }

  /// Tells what has become of the records of a copy: calls `gone` with each that is here no more, and `other` with each
  /// that may differ from what it was, which is null for a new one.
  template <class Gone, class Other>
  void compare(Records const& before, Gone const& gone, Other const& other) const {
    auto now = pointers_.begin();
    // What was added stands behind what was there, and nothing changes its place.
    for (auto const& was : before.pointers_) {
      bool const is_here = now != pointers_.end() && (*now == was || key_of(**now) == key_of(*was));
      if (!is_here) {
        gone(*was);
        continue;
      }
      if (*now != was) other(was.get(), **now);
      ++now;
    }
    for (; now != pointers_.end(); ++now) other(static_cast<Record const*>(nullptr), **now);
  }

 private:
  // Whoever has the only pointer got it in the course of the change: what is published is pointed to from there.
  static Record& own(std::shared_ptr<Record const>& record) {
    if (record.use_count() != 1) record = std::make_shared<Record>(*record);
    return const_cast<Record&>(*record);  // none was made const
  }

  Pointers pointers_;
};

template <class T>
inline constexpr bool is_records = false;
template <class Record>
inline constexpr bool is_records<Records<Record>> = true;

}  // namespace lakebase::emulator
