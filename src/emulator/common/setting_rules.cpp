#include "common/setting_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/ascii.hpp"
#include "common/computes.hpp"

namespace lakebase::emulator {
namespace {

using enum SettingDecision;
using Rule = std::pair<std::string_view, SettingDecision>;

// Every setting of PostgreSQL 14 to 18. What any session could set is accepted, unless it runs code or holds within a
// transaction only; of the rest, what is about speed, memory, locks, vacuum and statistics.
constexpr std::array<Rule, 413> rules = {{
    {"allow_alter_system", emulator},
    {"allow_in_place_tablespaces", names_file},
    {"allow_system_table_mods", unsafe},
    {"application_name", accepted},
    {"archive_cleanup_command", runs_code},
    {"archive_command", runs_code},
    {"archive_library", runs_code},
    {"archive_mode", emulator},
    {"archive_timeout", emulator},
    {"array_nulls", accepted},
    {"authentication_timeout", emulator},
    {"autovacuum", accepted},
    {"autovacuum_analyze_scale_factor", accepted},
    {"autovacuum_analyze_threshold", accepted},
    {"autovacuum_freeze_max_age", accepted},
    {"autovacuum_max_workers", accepted},
    {"autovacuum_multixact_freeze_max_age", accepted},
    {"autovacuum_naptime", accepted},
    {"autovacuum_vacuum_cost_delay", accepted},
    {"autovacuum_vacuum_cost_limit", accepted},
    {"autovacuum_vacuum_insert_scale_factor", accepted},
    {"autovacuum_vacuum_insert_threshold", accepted},
    {"autovacuum_vacuum_max_threshold", accepted},
    {"autovacuum_vacuum_scale_factor", accepted},
    {"autovacuum_vacuum_threshold", accepted},
    {"autovacuum_work_mem", accepted},
    {"autovacuum_worker_slots", accepted},
    {"backend_flush_after", accepted},
    {"backslash_quote", accepted},
    {"backtrace_functions", logs},
    {"bgwriter_delay", accepted},
    {"bgwriter_flush_after", accepted},
    {"bgwriter_lru_maxpages", accepted},
    {"bgwriter_lru_multiplier", accepted},
    {"block_size", fixed},
    {"bonjour", emulator},
    {"bonjour_name", emulator},
    {"bytea_output", accepted},
    {"check_function_bodies", accepted},
    {"checkpoint_completion_target", accepted},
    {"checkpoint_flush_after", accepted},
    {"checkpoint_timeout", accepted},
    {"checkpoint_warning", accepted},
    {"client_connection_check_interval", accepted},
    {"client_encoding", accepted},
    {"client_min_messages", accepted},
    {"cluster_name", emulator},
    {"commit_delay", accepted},
    {"commit_siblings", accepted},
    {"commit_timestamp_buffers", accepted},
    {"compute_query_id", accepted},
    {"config_file", names_file},
    {"constraint_exclusion", accepted},
    {"cpu_index_tuple_cost", accepted},
    {"cpu_operator_cost", accepted},
    {"cpu_tuple_cost", accepted},
    {"createrole_self_grant", accepted},
    {"cursor_tuple_fraction", accepted},
    {"data_checksums", fixed},
    {"data_directory", names_file},
    {"data_directory_mode", fixed},
    {"data_sync_retry", unsafe},
    {"datestyle", accepted},
    {"db_user_namespace", emulator},
    {"deadlock_timeout", accepted},
    {"debug_assertions", fixed},
    {"debug_discard_caches", emulator},
    {"debug_io_direct", unsafe},
    {"debug_logical_replication_streaming", accepted},
    {"debug_parallel_query", accepted},
    {"debug_pretty_print", accepted},
    {"debug_print_parse", accepted},
    {"debug_print_plan", accepted},
    {"debug_print_rewritten", accepted},
    {"default_statistics_target", accepted},
    {"default_table_access_method", accepted},
    {"default_tablespace", accepted},
    {"default_text_search_config", accepted},
    {"default_toast_compression", accepted},
    {"default_transaction_deferrable", accepted},
    {"default_transaction_isolation", accepted},
    {"default_transaction_read_only", accepted},
    {"dynamic_library_path", runs_code},
    {"dynamic_shared_memory_type", emulator},
    {"effective_cache_size", accepted},
    {"effective_io_concurrency", accepted},
    {"enable_async_append", accepted},
    {"enable_bitmapscan", accepted},
    {"enable_distinct_reordering", accepted},
    {"enable_gathermerge", accepted},
    {"enable_group_by_reordering", accepted},
    {"enable_hashagg", accepted},
    {"enable_hashjoin", accepted},
    {"enable_incremental_sort", accepted},
    {"enable_indexonlyscan", accepted},
    {"enable_indexscan", accepted},
    {"enable_material", accepted},
    {"enable_memoize", accepted},
    {"enable_mergejoin", accepted},
    {"enable_nestloop", accepted},
    {"enable_parallel_append", accepted},
    {"enable_parallel_hash", accepted},
    {"enable_partition_pruning", accepted},
    {"enable_partitionwise_aggregate", accepted},
    {"enable_partitionwise_join", accepted},
    {"enable_presorted_aggregate", accepted},
    {"enable_self_join_elimination", accepted},
    {"enable_seqscan", accepted},
    {"enable_sort", accepted},
    {"enable_tidscan", accepted},
    {"escape_string_warning", accepted},
    {"event_source", logs},
    {"event_triggers", emulator},
    {"exit_on_error", accepted},
    {"extension_control_path", runs_code},
    {"extension_destdir", runs_code},  // Debian has it.
    {"external_pid_file", names_file},
    {"extra_float_digits", accepted},
    {"file_copy_method", accepted},
    {"file_extend_method", accepted},
    {"force_parallel_mode", accepted},
    {"from_collapse_limit", accepted},
    {"fsync", unsafe},
    {"full_page_writes", unsafe},
    {"geqo", accepted},
    {"geqo_effort", accepted},
    {"geqo_generations", accepted},
    {"geqo_pool_size", accepted},
    {"geqo_seed", accepted},
    {"geqo_selection_bias", accepted},
    {"geqo_threshold", accepted},
    {"gin_fuzzy_search_limit", accepted},
    {"gin_pending_list_limit", accepted},
    {"gss_accept_delegation", emulator},
    {"hash_mem_multiplier", accepted},
    {"hba_file", names_file},
    {"hot_standby", emulator},
    {"hot_standby_feedback", accepted},
    {"huge_page_size", emulator},
    {"huge_pages", emulator},
    {"huge_pages_status", fixed},
    {"icu_validation_level", accepted},
    {"ident_file", names_file},
    {"idle_in_transaction_session_timeout", accepted},
    {"idle_replication_slot_timeout", emulator},
    {"idle_session_timeout", accepted},
    {"ignore_checksum_failure", unsafe},
    {"ignore_invalid_pages", unsafe},
    {"ignore_system_indexes", unsafe},
    {"in_hot_standby", fixed},
    {"integer_datetimes", fixed},
    {"intervalstyle", accepted},
    {"io_combine_limit", accepted},
    {"io_max_combine_limit", accepted},
    {"io_max_concurrency", accepted},
    {"io_method", accepted},
    {"io_workers", accepted},
    {"is_superuser", per_session},
    {"jit", accepted},
    {"jit_above_cost", accepted},
    {"jit_debugging_support", emulator},
    {"jit_dump_bitcode", names_file},
    {"jit_expressions", accepted},
    {"jit_inline_above_cost", accepted},
    {"jit_optimize_above_cost", accepted},
    {"jit_profiling_support", emulator},
    {"jit_provider", runs_code},
    {"jit_tuple_deforming", accepted},
    {"join_collapse_limit", accepted},
    {"krb_caseins_users", emulator},
    {"krb_server_keyfile", names_file},
    {"lc_collate", fixed},
    {"lc_ctype", fixed},
    {"lc_messages", logs},
    {"lc_monetary", accepted},
    {"lc_numeric", accepted},
    {"lc_time", accepted},
    {"listen_addresses", emulator},
    {"lo_compat_privileges", unsafe},
    {"local_preload_libraries", runs_code},
    {"lock_timeout", accepted},
    {"log_autovacuum_min_duration", accepted},
    {"log_checkpoints", accepted},
    {"log_connections", logs},
    {"log_destination", logs},
    {"log_directory", names_file},
    {"log_disconnections", logs},
    {"log_duration", logs},
    {"log_error_verbosity", logs},
    {"log_executor_stats", logs},
    {"log_file_mode", names_file},
    {"log_filename", names_file},
    {"log_hostname", logs},
    {"log_line_prefix", logs},
    {"log_lock_failures", accepted},
    {"log_lock_waits", accepted},
    {"log_min_duration_sample", logs},
    {"log_min_duration_statement", logs},
    {"log_min_error_statement", logs},
    {"log_min_messages", logs},
    {"log_parameter_max_length", logs},
    {"log_parameter_max_length_on_error", accepted},
    {"log_parser_stats", logs},
    {"log_planner_stats", logs},
    {"log_recovery_conflict_waits", accepted},
    {"log_replication_commands", logs},
    {"log_rotation_age", logs},
    {"log_rotation_size", logs},
    {"log_startup_progress_interval", logs},
    {"log_statement", logs},
    {"log_statement_sample_rate", logs},
    {"log_statement_stats", logs},
    {"log_temp_files", accepted},
    {"log_timezone", logs},
    {"log_transaction_sample_rate", logs},
    {"log_truncate_on_rotation", logs},
    {"logging_collector", logs},
    {"logical_decoding_work_mem", accepted},
    {"maintenance_io_concurrency", accepted},
    {"maintenance_work_mem", accepted},
    {"max_active_replication_origins", emulator},
    {"max_connections", accepted},
    {"max_files_per_process", accepted},
    {"max_function_args", fixed},
    {"max_identifier_length", fixed},
    {"max_index_keys", fixed},
    {"max_locks_per_transaction", accepted},
    {"max_logical_replication_workers", emulator},
    {"max_notify_queue_pages", accepted},
    {"max_parallel_apply_workers_per_subscription", emulator},
    {"max_parallel_maintenance_workers", accepted},
    {"max_parallel_workers", accepted},
    {"max_parallel_workers_per_gather", accepted},
    {"max_pred_locks_per_page", accepted},
    {"max_pred_locks_per_relation", accepted},
    {"max_pred_locks_per_transaction", accepted},
    {"max_prepared_transactions", accepted},
    {"max_replication_slots", emulator},
    {"max_slot_wal_keep_size", emulator},
    {"max_stack_depth", unsafe},
    {"max_standby_archive_delay", accepted},
    {"max_standby_streaming_delay", accepted},
    {"max_sync_workers_per_subscription", emulator},
    {"max_wal_senders", emulator},
    {"max_wal_size", accepted},
    {"max_worker_processes", accepted},
    {"md5_password_warnings", accepted},
    {"min_dynamic_shared_memory", emulator},
    {"min_parallel_index_scan_size", accepted},
    {"min_parallel_table_scan_size", accepted},
    {"min_wal_size", accepted},
    {"multixact_member_buffers", accepted},
    {"multixact_offset_buffers", accepted},
    {"notify_buffers", accepted},
    {"num_os_semaphores", fixed},
    {"oauth_validator_libraries", runs_code},
    {"old_snapshot_threshold", accepted},
    {"parallel_leader_participation", accepted},
    {"parallel_setup_cost", accepted},
    {"parallel_tuple_cost", accepted},
    {"password_encryption", accepted},
    {"plan_cache_mode", accepted},
    {"port", emulator},
    {"post_auth_delay", emulator},
    {"pre_auth_delay", emulator},
    {"primary_conninfo", emulator},
    {"primary_slot_name", emulator},
    {"promote_trigger_file", names_file},
    {"quote_all_identifiers", accepted},
    {"random_page_cost", accepted},
    {"recovery_end_command", runs_code},
    {"recovery_init_sync_method", unsafe},
    {"recovery_min_apply_delay", emulator},
    {"recovery_prefetch", accepted},
    {"recovery_target", emulator},
    {"recovery_target_action", emulator},
    {"recovery_target_inclusive", emulator},
    {"recovery_target_lsn", emulator},
    {"recovery_target_name", emulator},
    {"recovery_target_time", emulator},
    {"recovery_target_timeline", emulator},
    {"recovery_target_xid", emulator},
    {"recursive_worktable_factor", accepted},
    {"remove_temp_files_after_crash", emulator},
    {"reserved_connections", emulator},
    {"restart_after_crash", emulator},
    {"restore_command", runs_code},
    {"restrict_nonsystem_relation_kind", accepted},
    {"role", per_session},
    {"row_security", accepted},
    {"scram_iterations", accepted},
    {"search_path", accepted},
    {"seed", per_session},
    {"segment_size", fixed},
    {"send_abort_for_crash", emulator},
    {"send_abort_for_kill", emulator},
    {"seq_page_cost", accepted},
    {"serializable_buffers", accepted},
    {"server_encoding", fixed},
    {"server_version", fixed},
    {"server_version_num", fixed},
    {"session_authorization", per_session},
    {"session_preload_libraries", runs_code},
    {"session_replication_role", unsafe},
    {"shared_buffers", accepted},
    {"shared_memory_size", fixed},
    {"shared_memory_size_in_huge_pages", fixed},
    {"shared_memory_type", emulator},
    {"shared_preload_libraries", runs_code},
    {"ssl", emulator},
    {"ssl_ca_file", names_file},
    {"ssl_cert_file", names_file},
    {"ssl_ciphers", emulator},
    {"ssl_crl_dir", names_file},
    {"ssl_crl_file", names_file},
    {"ssl_dh_params_file", names_file},
    {"ssl_ecdh_curve", emulator},
    {"ssl_groups", emulator},
    {"ssl_key_file", names_file},
    {"ssl_library", fixed},
    {"ssl_max_protocol_version", emulator},
    {"ssl_min_protocol_version", emulator},
    {"ssl_passphrase_command", runs_code},
    {"ssl_passphrase_command_supports_reload", emulator},
    {"ssl_prefer_server_ciphers", emulator},
    {"ssl_tls13_ciphers", emulator},
    {"standard_conforming_strings", accepted},
    {"statement_timeout", accepted},
    {"stats_fetch_consistency", accepted},
    {"stats_temp_directory", names_file},
    {"subtransaction_buffers", accepted},
    {"summarize_wal", emulator},
    {"superuser_reserved_connections", emulator},
    {"sync_replication_slots", emulator},
    {"synchronize_seqscans", accepted},
    {"synchronized_standby_slots", emulator},
    {"synchronous_commit", accepted},
    {"synchronous_standby_names", emulator},
    {"syslog_facility", logs},
    {"syslog_ident", logs},
    {"syslog_sequence_numbers", logs},
    {"syslog_split_messages", logs},
    {"tcp_keepalives_count", accepted},
    {"tcp_keepalives_idle", accepted},
    {"tcp_keepalives_interval", accepted},
    {"tcp_user_timeout", accepted},
    {"temp_buffers", accepted},
    {"temp_file_limit", accepted},
    {"temp_tablespaces", accepted},
    {"timezone", accepted},
    {"timezone_abbreviations", accepted},
    {"trace_connection_negotiation", logs},
    {"trace_notify", accepted},
    {"trace_recovery_messages", logs},
    {"trace_sort", accepted},
    {"track_activities", emulator},
    {"track_activity_query_size", accepted},
    {"track_commit_timestamp", accepted},
    {"track_cost_delay_timing", accepted},
    {"track_counts", accepted},
    {"track_functions", accepted},
    {"track_io_timing", accepted},
    {"track_wal_io_timing", accepted},
    {"transaction_buffers", accepted},
    {"transaction_deferrable", per_session},
    {"transaction_isolation", per_session},
    {"transaction_read_only", per_session},
    {"transaction_timeout", accepted},
    {"transform_null_equals", accepted},
    {"unix_socket_directories", names_file},
    {"unix_socket_group", names_file},
    {"unix_socket_permissions", names_file},
    {"update_process_title", emulator},
    {"vacuum_buffer_usage_limit", accepted},
    {"vacuum_cost_delay", accepted},
    {"vacuum_cost_limit", accepted},
    {"vacuum_cost_page_dirty", accepted},
    {"vacuum_cost_page_hit", accepted},
    {"vacuum_cost_page_miss", accepted},
    {"vacuum_defer_cleanup_age", accepted},
    {"vacuum_failsafe_age", accepted},
    {"vacuum_freeze_min_age", accepted},
    {"vacuum_freeze_table_age", accepted},
    {"vacuum_max_eager_freeze_failure_rate", accepted},
    {"vacuum_multixact_failsafe_age", accepted},
    {"vacuum_multixact_freeze_min_age", accepted},
    {"vacuum_multixact_freeze_table_age", accepted},
    {"vacuum_truncate", accepted},
    {"wal_block_size", fixed},
    {"wal_buffers", accepted},
    {"wal_compression", accepted},
    {"wal_consistency_checking", unsafe},
    {"wal_decode_buffer_size", accepted},
    {"wal_init_zero", unsafe},
    {"wal_keep_size", emulator},
    {"wal_level", emulator},
    {"wal_log_hints", unsafe},
    {"wal_receiver_create_temp_slot", emulator},
    {"wal_receiver_status_interval", emulator},
    {"wal_receiver_timeout", emulator},
    {"wal_recycle", unsafe},
    {"wal_retrieve_retry_interval", emulator},
    {"wal_segment_size", fixed},
    {"wal_sender_timeout", accepted},
    {"wal_skip_threshold", accepted},
    {"wal_summary_keep_time", emulator},
    {"wal_sync_method", unsafe},
    {"wal_writer_delay", accepted},
    {"wal_writer_flush_after", accepted},
    {"work_mem", accepted},
    {"xmlbinary", accepted},
    {"xmloption", accepted},
    {"zero_damaged_pages", unsafe},
}};

// Settings of modules, by what is before the dot. Those of other modules, or of none, are refused: a module that is
// loaded later would obey them.
constexpr std::array<Rule, 22> prefix_rules = {{
    {"app", accepted},  // No module: for row security policies and the like.
    {"auth_delay", emulator},
    {"auto_explain", accepted},
    {"basebackup_to_shell", runs_code},
    {"basic_archive", names_file},
    {"custom", accepted},  // No module either.
    {"hnsw", accepted},
    {"isn", accepted},
    {"ivfflat", accepted},
    {"passwordcheck", accepted},
    {"pg_prewarm", emulator},
    {"pg_stat_statements", accepted},
    {"pg_trgm", accepted},
    {"pgcrypto", accepted},
    {"plperl", runs_code},
    {"plperlu", runs_code},
    {"plpgsql", accepted},
    {"pltcl", runs_code},
    {"pltclu", runs_code},
    {"plv8", runs_code},
    {"postgres_fdw", accepted},
    {"sepgsql", unsafe},
}};

constexpr bool by_name(Rule const& one, Rule const& other) {
  return one.first < other.first;
}

static_assert(std::is_sorted(rules.begin(), rules.end(), by_name));
static_assert(std::is_sorted(prefix_rules.begin(), prefix_rules.end(), by_name));

template <class Rules>
std::optional<SettingDecision> find(Rules const& all, std::string_view name) {
  auto const found = std::lower_bound(all.begin(), all.end(), Rule{name, accepted}, by_name);
  if (found == all.end() || found->first != name) return std::nullopt;
  return found->second;
}

char const* reason(SettingDecision decision) {
  switch (decision) {
    case emulator:
      return "the emulator sets it";
    case runs_code:
      return "it names a program or a library that the server would run";
    case names_file:
      return "it names a file or a folder of the server";
    case unsafe:
      return "it can damage the data";
    case logs:
      return "it says what the server logs";
    case per_session:
      return "it holds within a session only";
    default:
      return "it is fixed";
  }
}

constexpr std::size_t longest_name = 200;

/// As much of a name as an error can show.
std::string shown(std::string const& name) {
  return name.size() <= longest_name ? name : name.substr(0, longest_name) + "...";
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '_' || letter == '.'; });
}

void check_setting_name(std::string const& name) {
  auto const decision = setting_decision(name);
  if (decision == accepted) return;
  if (decision) {
    throw DataPlaneError(fmt::format("parameter \"{}\" cannot be changed: {}", name, reason(*decision)), "55P02");
  }
  throw DataPlaneError(fmt::format("unrecognized configuration parameter \"{}\"", name), "42704");
}

void check_length(std::string const& name, std::string const& value) {
  if (name.size() + value.size() <= longest_setting) return;
  throw DataPlaneError(fmt::format("invalid value for parameter \"{}\": it has {} bytes, at most {} are taken", name,
                                   value.size(), longest_setting - name.size()),
                       "22023");
}

}  // namespace

std::string setting_key(std::string_view name) {
  return to_lower(name);
}

std::optional<SettingDecision> setting_decision(std::string_view name) {
  std::string const wanted = setting_key(name);
  auto const dot = wanted.find('.');
  return dot == std::string::npos ? find(rules, wanted) : find(prefix_rules, wanted.substr(0, dot));
}

void check_setting_names(std::map<std::string, std::string> const& pg_settings) {
  std::map<std::string, std::string_view> known;
  std::size_t all = 0;
  for (auto const& [name, value] : pg_settings) {
    if (!is_name(name) || value.find('\0') != std::string::npos) {
      throw DataPlaneError(fmt::format("\"{}\" cannot be a configuration parameter", shown(name)), "42602");
    }
    check_setting_name(name);
    auto const [other, fresh] = known.emplace(setting_key(name), name);
    if (!fresh) {
      throw DataPlaneError(
          fmt::format("parameter \"{}\" is there twice, as \"{}\" too: the case of letters makes no difference", name,
                      other->second),
          "42601");
    }
    check_length(name, value);
    all += name.size() + value.size();
  }
  if (all > longest_settings) {
    throw DataPlaneError(
        fmt::format("the configuration parameters have {} bytes together, at most {} are taken", all, longest_settings),
        "22023");
  }
}

}  // namespace lakebase::emulator
