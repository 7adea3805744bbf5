#include "sync/change_feed.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/json.hpp"
#include "common/sql_quoting.hpp"
#include "common/time.hpp"
#include "sync/fed_rows.hpp"
#include "sync/pgoutput.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using FeedRows = std::vector<std::vector<std::string>>;

constexpr std::size_t changes_at_once = 10'000;

/// Whether a transaction had been committed when a snapshot was taken: `xmin:xmax:xip,xip`.
class SnapshotOfFeed {
 public:
  explicit SnapshotOfFeed(std::string_view text) {
    while (!text.empty()) {
      auto const end = text.find_first_of(":,");
      std::uint64_t number = 0;
      std::from_chars(text.data(), text.data() + std::min(end, text.size()), number);
      numbers_.push_back(number);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }
  // The log has the lower half of the number only; the two are never half of all numbers apart.
  bool holds(std::uint32_t xid) const {
    if (numbers_.size() < 2) return false;
    auto const is_before = [&](std::uint64_t limit) {
      return static_cast<std::int32_t>(xid - static_cast<std::uint32_t>(limit)) < 0;
    };
    if (is_before(numbers_[0])) return true;
    if (!is_before(numbers_[1])) return false;
    return std::none_of(numbers_.begin() + 2, numbers_.end(),
                        [&](std::uint64_t running) { return static_cast<std::uint32_t>(running) == xid; });
  }

 private:
  std::vector<std::uint64_t> numbers_;
};

/// The end of a file of a feed.
class FeedFile {
 public:
  FeedFile(fs::path path, std::uint64_t size) : path_(std::move(path)) {
    fs::create_directories(path_.parent_path());
    // What an earlier process wrote and did not keep.
    if (std::error_code none; fs::file_size(path_, none) > size && !none) fs::resize_file(path_, size);
    if (!fs::exists(path_) && size > 0) throw std::runtime_error(fmt::format("{} is gone", path_.string()));
    out_.open(path_, std::ios::binary | std::ios::app);
  }
  void add(std::string_view kind, std::uint64_t lsn, std::string const& time, ChangedRow const& row) {
    std::string columns;
    for (auto const& value : row) {
      columns +=
          fmt::format(",{}:{}", Json(value.name).dump(-1, ' ', false, Json::error_handler_t::replace), value.json);
    }
    add_line(kind, lsn, time, columns);
  }
  /// What nobody tells: which rows a TRUNCATE has removed.
  void delete_all(std::uint64_t lsn, std::string const& time) {
    flush();
    out_.flush();
    for (auto const& columns : rows_after(path_)) add_line("delete", lsn, time, columns);
  }
  /// The size of the file afterwards.
  std::uint64_t end() {
    flush();
    out_.close();
    if (!out_) throw std::runtime_error(fmt::format("{} cannot be written", path_.string()));
    return fs::file_size(path_);
  }

 private:
  void add_line(std::string_view kind, std::uint64_t lsn, std::string const& time, std::string_view columns) {
    text_ += fmt::format(R"({{"_change_type":"{}","_commit_version":{},"_commit_lsn":"{}","_commit_timestamp":"{}")",
                         kind, lsn, lsn_text(lsn), time);
    text_.append(columns).append("}\n");
    if (text_.size() >= std::size_t{64} * 1024) flush();
  }
  void flush() {
    out_ << text_;
    text_.clear();
    if (!out_) throw std::runtime_error(fmt::format("{} cannot be written", path_.string()));
  }

  fs::path const path_;
  std::ofstream out_;
  std::string text_;
};

std::string time_of(std::int64_t microseconds) {
  return to_text(TimePoint{std::chrono::microseconds{microseconds}});
}

std::string bytes_of(std::string_view hexadecimal) {
  std::string bytes(hexadecimal.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    std::from_chars(hexadecimal.data() + 2 * i, hexadecimal.data() + 2 * i + 2, value, 16);
    bytes[i] = static_cast<char>(value);
  }
  return bytes;
}

// A row of COPY's text format, without its newline.
std::vector<std::optional<std::string>> copied_values(std::string_view row) {
  std::vector<std::optional<std::string>> values(1, std::string{});
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '\t') {
      values.emplace_back(std::string{});
    } else if (row[i] != '\\' || i + 1 == row.size()) {
      *values.back() += row[i];
    } else if (row[++i] == 'N') {
      values.back().reset();
    } else {
      constexpr std::string_view letters = "bfnrtv";
      constexpr std::string_view meant = "\b\f\n\r\t\v";
      auto const letter = letters.find(row[i]);
      *values.back() += letter == std::string_view::npos ? row[i] : meant[letter];
    }
  }
  return values;
}

class ChangeFeed {
 public:
  ChangeFeed(Computes& computes, FeedPlan const& plan, FeedPosition& position,
             std::function<void(FeedPosition const&)> const& keep)
      : computes_(computes), plan_(plan), position_(position), keep_(keep) {}

  bool write();

 private:
  FeedRows execute(std::vector<std::string> const& statements) {
    return computes_.execute(plan_.branch_uid, plan_.database, statements);
  }
  void prepare();
  void take_tables();
  std::string published(std::string const& relation);
  void end_table(FedTable const& table);
  void begin_table(std::string const& relation, std::string const& name);
  void copy_table(DatabaseSession& session, FedTable& table);
  bool write_changes();
  void put(ChangedTransaction const& transaction, std::map<std::string, std::unique_ptr<FeedFile>>& files);
  std::string slot() const { return quote_literal(plan_.slot); }
  std::string table_named(std::string const& name) const {
    return quote_identifier(plan_.schema) + '.' + quote_identifier(name);
  }

  Computes& computes_;
  FeedPlan const& plan_;
  FeedPosition& position_;
  std::function<void(FeedPosition const&)> const& keep_;
};

// Without its slot a feed has no position: it begins anew.
void ChangeFeed::prepare() {
  auto const slots = execute({fmt::format(
      "SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = {} AND database = current_database()", slot())});
  if (!slots.empty() && !position_.lsn.empty()) return;
  end_feed(computes_, plan_);
  // In this role of replication the trigger that refuses publications does not fire.
  execute({"SET session_replication_role = replica",
           fmt::format("CREATE PUBLICATION {} WITH (publish = 'insert, update, delete, truncate')",
                       quote_identifier(plan_.slot))});
  auto const made =
      execute({fmt::format("SELECT lsn FROM pg_catalog.pg_create_logical_replication_slot({}, 'pgoutput')", slot())});
  position_ = {{}, made.at(0).at(0)};
  keep_(position_);
}

void ChangeFeed::take_tables() {
  auto rows = execute({sql_to_list_fed_tables(plan_.schema)});
  std::erase_if(rows, [&](auto const& row) { return !why_not_fed(plan_.schema, row).empty(); });
  auto const is_of = [](FedTable const& table, std::vector<std::string> const& row) {
    return table.relation == row.at(0) && table.name == row.at(1);
  };
  for (auto const& table : std::vector{position_.tables}) {
    if (std::none_of(rows.begin(), rows.end(), [&](auto const& row) { return is_of(table, row); })) end_table(table);
  }
  for (auto const& row : rows) {
    auto const& tables = position_.tables;
    if (std::none_of(tables.begin(), tables.end(), [&](auto const& table) { return is_of(table, row); })) {
      begin_table(row.at(0), row.at(1));
    }
  }
}

// Its name in the publication; empty: it is not in it.
std::string ChangeFeed::published(std::string const& relation) {
  auto const rows = execute({fmt::format(
      "SELECT r.prrelid::regclass FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = "
      "r.prpubid WHERE p.pubname = {} AND r.prrelid = {}",
      slot(), relation)});
  return rows.empty() ? std::string{} : rows.front().front();
}

// It was dropped, renamed, or is not to be fed any more. Its file stays.
void ChangeFeed::end_table(FedTable const& table) {
  if (auto const name = published(table.relation); !name.empty()) {
    execute({fmt::format("ALTER PUBLICATION {} DROP TABLE {}", quote_identifier(plan_.slot), name)});
  }
  std::erase_if(position_.tables, [&](FedTable const& one) { return one.relation == table.relation; });
  keep_(position_);
}

// Who is writing to the table has ended when it joins the publication, so that each of his changes is either in the
// first copy or in the slot.
void ChangeFeed::begin_table(std::string const& relation, std::string const& name) {
  if (published(relation).empty()) {
    execute({fmt::format("BEGIN; LOCK TABLE {0} IN SHARE MODE; ALTER PUBLICATION {1} ADD TABLE {0}; COMMIT",
                         table_named(name), quote_identifier(plan_.slot))});
  }
  FedTable table{name, relation, plan_.prefix + name + ".jsonl", 0, {}, {}};
  auto const session = computes_.open_session(plan_.branch_uid, plan_.database, SessionOf::emulator);
  copy_table(*session, table);
  position_.tables.push_back(std::move(table));
  keep_(position_);
}

void ChangeFeed::copy_table(DatabaseSession& session, FedTable& table) {
  session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  auto const moment = session.query(
      "SELECT pg_catalog.pg_current_snapshot(), pg_catalog.pg_current_wal_lsn(), "
      "(extract(epoch FROM now()) * 1000000)::bigint");
  table.snapshot = moment.at(0).at(0);
  table.lsn = moment.at(0).at(1);
  auto const lsn = parse_lsn(table.lsn).value_or(0);
  auto const time = time_of(std::stoll(moment.at(0).at(2)));
  auto const columns =
      session.query(fmt::format("SELECT attname, atttypid FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attnum "
                                "> 0 AND NOT attisdropped AND "
                                "attgenerated = '' ORDER BY attnum",
                                table.relation));
  std::string names;
  for (auto const& column : columns) names += (names.empty() ? "" : ", ") + quote_identifier(column.at(0));
  FeedFile file{plan_.folder / table.file, 0};
  session.copy_out(fmt::format("COPY {} ({}) TO STDOUT", table_named(table.name), names), [&](std::string_view row) {
    row.remove_suffix(row.ends_with('\n') ? 1 : 0);
    auto const values = copied_values(row);
    ChangedRow changed;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      auto const type = static_cast<std::uint32_t>(std::stoul(columns[i].at(1)));
      changed.push_back({columns[i].at(0), values.at(i) ? json_of_value(type, *values[i]) : "null"});
    }
    file.add("insert", lsn, time, changed);
  });
  table.size = file.end();
}

void ChangeFeed::put(ChangedTransaction const& transaction, std::map<std::string, std::unique_ptr<FeedFile>>& files) {
  auto const time = time_of(transaction.time);
  for (auto const& change : transaction.changes) {
    auto const table = std::find_if(position_.tables.begin(), position_.tables.end(),
                                    [&](FedTable const& one) { return one.name == change.table; });
    if (change.schema != plan_.schema || table == position_.tables.end()) continue;
    if (SnapshotOfFeed{table->snapshot}.holds(transaction.xid)) continue;
    auto& file = files[table->name];
    if (!file) file = std::make_unique<FeedFile>(plan_.folder / table->file, table->size);
    auto const add = [&](std::string_view kind, ChangedRow const& row) {
      file->add(kind, transaction.commit_lsn, time, row);
    };
    if (!change.before && !change.after) file->delete_all(transaction.commit_lsn, time);
    if (change.before) add(change.after ? "update_preimage" : "delete", *change.before);
    if (change.after) add(change.before ? "update_postimage" : "insert", *change.after);
  }
}

bool ChangeFeed::write_changes() {
  std::string const end_of_log = "SELECT pg_catalog.pg_current_wal_flush_lsn()";
  auto const end = execute({end_of_log}).at(0).at(0);
  auto const rows = execute({fmt::format(
      "SELECT pg_catalog.encode(data, 'hex') FROM pg_catalog.pg_logical_slot_peek_binary_changes({0}, NULL, {1}, "
      "'proto_version', '1', 'publication_names', {2})",
      slot(), changes_at_once, quote_literal(quote_identifier(plan_.slot)))});
  PgOutput output;
  std::map<std::string, std::unique_ptr<FeedFile>> files;
  auto const written = parse_lsn(position_.lsn).value_or(0);
  auto reached = written;
  for (auto const& row : rows) {
    auto const transaction = output.read(bytes_of(row.at(0)));
    if (!transaction || transaction->end_lsn <= written) continue;
    put(*transaction, files);
    reached = std::max(reached, transaction->end_lsn);
  }
  for (auto& table : position_.tables) {
    if (auto const file = files.find(table.name); file != files.end()) table.size = file->second->end();
  }
  if (reached > written) {
    position_.lsn = lsn_text(reached);
    keep_(position_);
  }
  // The log of what is not of this feed is not held up either.
  auto const freed = rows.empty() ? std::max(reached, parse_lsn(end).value_or(0)) : reached;
  execute(
      {fmt::format("SELECT pg_catalog.pg_replication_slot_advance(slot_name, {0}) FROM pg_catalog.pg_replication_slots "
                   "WHERE slot_name "
                   "= {1} AND confirmed_flush_lsn < {0}",
                   quote_literal(lsn_text(freed)) + "::pg_catalog.pg_lsn", slot())});
  return rows.size() >= changes_at_once || execute({end_of_log}).at(0).at(0) != end;
}

bool ChangeFeed::write() {
  prepare();
  take_tables();
  return write_changes();
}

}  // namespace

bool write_changes(Computes& computes, FeedPlan const& plan, FeedPosition& position,
                   std::function<void(FeedPosition const&)> const& keep) {
  return ChangeFeed{computes, plan, position, keep}.write();
}

void end_feed(Computes& computes, FeedPlan const& plan) {
  computes.execute(plan.branch_uid, plan.database,
                   {fmt::format("SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM "
                                "pg_catalog.pg_replication_slots WHERE slot_name = {}",
                                quote_literal(plan.slot)),
                    fmt::format("DROP PUBLICATION IF EXISTS {}", quote_identifier(plan.slot))});
}

std::string sql_to_list_fed_tables(std::string const& schema) {
  return fmt::format(
      "SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relpersistence, c.relreplident "
      "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = {} AND c.relkind IN ('r', 'p') ORDER BY c.oid",
      quote_literal(schema));
}

std::string why_not_fed(std::string const& schema, std::vector<std::string> const& row) {
  if (row.at(2) == "p") return "Partitioned tables are not supported.";
  if (row.at(3) == "t") return "Partitions of a partitioned table are not supported.";
  if (row.at(4) == "u") return "The table is unlogged, so that its changes are in no log.";
  if (row.at(5) == "f") return {};
  return fmt::format("The table has no REPLICA IDENTITY FULL: ALTER TABLE {}.{} REPLICA IDENTITY FULL",
                     quote_identifier(schema), quote_identifier(row.at(1)));
}

}  // namespace lakebase::emulator
