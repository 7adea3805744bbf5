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

/// The key of a record in its collection: its `id`, or else its `name`.
template <class Record>
std::string const& key_of(Record const& record) {
  if constexpr (requires { record.id; }) {
    return record.id;
  } else {
    return record.name;
  }
}

/// Records of one kind, in the order in which they were added; copy on write. Copies share chunks of records, so that a
/// copy of thousands costs dozens of pointers, and what two copies share need not be compared.
template <class Record>
class Records {
  using Chunk = std::vector<std::shared_ptr<Record const>>;  // never empty, except while something is erased
  using Chunks = std::vector<std::shared_ptr<Chunk const>>;
  static constexpr std::size_t largest_chunk = 64;

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
    explicit const_iterator(typename Chunks::const_iterator chunk) : chunk_(chunk) {}
    reference operator*() const { return *shared(); }
    pointer operator->() const { return shared().get(); }
    const_iterator& operator++() {
      if (++index_ == (*chunk_)->size()) *this = next_chunk();
      return *this;
    }
    const_iterator operator++(int) { return std::exchange(*this, ++const_iterator{*this}); }
    friend bool operator==(const_iterator const&, const_iterator const&) = default;

   private:
    friend class Records;
    std::shared_ptr<Record const> const& shared() const { return (**chunk_)[index_]; }
    bool is_at_chunk() const { return index_ == 0; }
    const_iterator next_chunk() const { return const_iterator{std::next(chunk_)}; }

    typename Chunks::const_iterator chunk_{};
    std::size_t index_ = 0;
  };

  const_iterator begin() const { return const_iterator{chunks_.begin()}; }
  const_iterator end() const { return const_iterator{chunks_.end()}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Record const& front() const { return *chunks_.front()->front(); }
  Record& front() { return own(own(chunks_.front()).front()); }

  void push_back(Record record) {
    if (chunks_.empty() || chunks_.back()->size() >= largest_chunk) chunks_.push_back(std::make_shared<Chunk>());
    own(chunks_.back()).push_back(std::make_shared<Record>(std::move(record)));
    ++size_;
  }

  /// The record of this key, or null. Searches from the newest on.
  Record const* find(std::string_view key) const {
    auto const [chunk, index] = place_of(key);
    return chunk == chunks_.size() ? nullptr : (*chunks_[chunk])[index].get();
  }
  /// The same, for changing it.
  Record* find(std::string_view key) {
    auto const [chunk, index] = place_of(key);
    return chunk == chunks_.size() ? nullptr : &own(own(chunks_[chunk])[index]);
  }

  /// What `sift` does with a record: keeps it, removes it, or keeps it and all that follow.
  enum class Verdict { stays, goes, ends };
  /// Calls the function with each record, from the first on, until it returns `ends`.
  template <class Function>
  void sift(Function const& verdict_on) {
    bool ends = false;
    for (auto chunk = chunks_.begin(); chunk != chunks_.end() && !ends; ++chunk) ends = sift_chunk(*chunk, verdict_on);
    std::erase_if(chunks_, [](auto const& chunk) { return chunk->empty(); });
  }
  template <class Predicate>
  void erase_if(Predicate const& is_wanted) {
    sift([&](Record const& record) { return is_wanted(record) ? Verdict::goes : Verdict::stays; });
  }
  void erase(std::string_view key) {
    erase_if([&](Record const& record) { return key_of(record) == key; });
  }

  /// Changes each record for which the predicate is true.
  template <class Predicate, class Function>
  void change_if(Predicate const& is_wanted, Function const& change) {
    for (auto& chunk : chunks_) {
      for (std::size_t i = 0; i < chunk->size(); ++i) {
        if (is_wanted(*(*chunk)[i])) change(own(own(chunk)[i]));
      }
    }
  }
  template <class Function>
  void change_all(Function const& change) {
    change_if([](Record const&) { return true; }, change);
  }

  /// Compares with an earlier copy: calls `gone` with each record that is missing here, and `other` with the earlier
  /// record (null if it is new) and the present one if the two may differ.
  template <class Gone, class Other>
  void compare(Records const& before, Gone const& gone, Other const& other) const {
    auto now = begin();
    // New records are at the end, and the order never changes.
    for (auto was = before.begin(); was != before.end();) {
      bool const is_left = now != end();
      if (is_left && was.is_at_chunk() && now.is_at_chunk() && *was.chunk_ == *now.chunk_) {
        was = was.next_chunk();
        now = now.next_chunk();
      } else if (is_left && (now.shared() == was.shared() || key_of(*now) == key_of(*was))) {
        if (now.shared() != was.shared()) other(&*was, *now);
        ++was;
        ++now;
      } else {
        gone(*was++);
      }
    }
    for (; now != end(); ++now) other(static_cast<Record const*>(nullptr), *now);
  }

 private:
  // The only pointer to something means that this change has made it: what is published has a second pointer.
  template <class Shared>
  static Shared& own(std::shared_ptr<Shared const>& shared) {
    if (shared.use_count() != 1) shared = std::make_shared<Shared>(*shared);
    return const_cast<Shared&>(*shared);  // none was made const
  }

  // The indexes of the chunk and of the record in it; the number of chunks if there is no such record.
  std::pair<std::size_t, std::size_t> place_of(std::string_view key) const {
    for (auto chunk = chunks_.size(); chunk-- > 0;) {
      for (auto index = chunks_[chunk]->size(); index-- > 0;) {
        if (key_of(*(*chunks_[chunk])[index]) == key) return {chunk, index};
      }
    }
    return {chunks_.size(), 0};
  }

  // True if the verdict on one of them was `ends`.
  template <class Function>
  bool sift_chunk(std::shared_ptr<Chunk const>& chunk, Function const& verdict_on) {
    Chunk left;
    bool ends = false;
    for (auto const& record : *chunk) {
      auto const verdict = ends ? Verdict::stays : verdict_on(std::as_const(*record));
      ends = ends || verdict == Verdict::ends;
      if (verdict != Verdict::goes) left.push_back(record);
    }
    size_ -= chunk->size() - left.size();
    if (left.size() != chunk->size()) chunk = std::make_shared<Chunk>(std::move(left));
    return ends;
  }

  Chunks chunks_;
  std::size_t size_ = 0;
};

template <class T>
inline constexpr bool is_records = false;
template <class Record>
inline constexpr bool is_records<Records<Record>> = true;

/// Whether a record describes lists of further records.
template <class Record>
bool has_records() {
  bool found = false;
  Record::describe([&](char const*, auto member) {
    found = found || is_records<std::remove_cvref_t<decltype(std::declval<Record&>().*member)>>;
  });
  return found;
}

}  // namespace lakebase::emulator
