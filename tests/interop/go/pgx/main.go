// The checks with pgx and its pool.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"lakebase.test/interop/checks"
)

func sqlstate(err error) string {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return fmt.Sprintf("no SQLSTATE: %v", err)
}

// connect takes what it is not given from the PG variables.
func connect(ctx context.Context, settings string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, settings)
	if err != nil {
		return nil, err
	}
	var one int
	if err := conn.QueryRow(ctx, "SELECT 1").Scan(&one); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// refusal is the error of a connect.
func refusal(ctx context.Context, settings string) error {
	conn, err := connect(ctx, settings)
	if err == nil {
		conn.Close(ctx)
	}
	return err
}

func freshToken(ctx context.Context) (string, error) {
	config, err := pgxpool.ParseConfig(checks.ExpiredToken())
	if err != nil {
		return "", err
	}
	config.BeforeConnect = func(_ context.Context, config *pgx.ConnConfig) error {
		var err error
		config.Password, err = checks.Control("token")
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	return "", pool.Ping(ctx)
}

func wake(ctx context.Context) (string, error) {
	pool, err := pgxpool.New(ctx, "")
	if err != nil {
		return "", err
	}
	defer pool.Close()
	if err := pool.Ping(ctx); err != nil {
		return "", err
	}
	if _, err := checks.Control("suspend"); err != nil {
		return "", err
	}
	// The pool does not look at a connection that was used within the last second.
	pool.Reset()
	return "", pool.Ping(ctx)
}

func crash(ctx context.Context) (string, error) {
	conn, err := connect(ctx, "")
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE crashes (n int)"); err != nil {
		return "", err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, "INSERT INTO crashes VALUES (1)"); err != nil {
		return "", err
	}
	if _, err := checks.Control("crash"); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, "SELECT 1"); err == nil || !conn.IsClosed() {
		return "", fmt.Errorf("the connection is not lost: %v", err)
	}
	again, err := connect(ctx, "")
	if err != nil {
		return "", err
	}
	defer again.Close(ctx)
	var rows int
	if err := again.QueryRow(ctx, "SELECT count(*) FROM crashes").Scan(&rows); err != nil || rows != 0 {
		return "", fmt.Errorf("%d rows, %v", rows, err)
	}
	return "", nil
}

// cancelled runs a statement whose context ends while it sleeps, and says what became of it and of the session.
func cancelled(ctx context.Context, config *pgx.ConnConfig) (string, error) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	asleep, wakeUp := context.WithCancelCause(ctx)
	go func() {
		_, err := checks.Control("asleep")
		wakeUp(err)
	}()
	_, err = conn.Exec(asleep, "SELECT pg_sleep(60)")
	if asleep.Err() == nil || err == nil {
		return "", fmt.Errorf("not cancelled: %v", err)
	}
	if conn.IsClosed() {
		return "closed", nil
	}
	_, after := conn.Exec(ctx, "SELECT 1")
	return sqlstate(err) + " and goes on", after
}

func cancel(ctx context.Context) (string, error) {
	config, err := pgx.ParseConfig("")
	if err != nil {
		return "", err
	}
	usual, err := cancelled(ctx, config)
	if err != nil {
		return "", err
	}
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 30 * time.Second}
	}
	asked, err := cancelled(ctx, config)
	return usual + ", with cancel requests " + asked, err
}

func atOnce(ctx context.Context) (string, error) {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return "", err
	}
	config.MaxConns = checks.Sessions
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	var sum atomic.Int64
	var open sync.WaitGroup
	open.Add(checks.Sessions)
	err = checks.AtOnce(func(number int) error {
		conn, err := pool.Acquire(ctx)
		open.Done()
		if err != nil {
			return err
		}
		defer conn.Release()
		open.Wait()
		var same int64
		err = conn.QueryRow(ctx, "SELECT $1::bigint", number).Scan(&same)
		sum.Add(same)
		return err
	})
	return fmt.Sprint("sum ", sum.Load()), err
}

func copyIn(ctx context.Context) (string, error) {
	conn, err := connect(ctx, "")
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE copied (n int, word text)"); err != nil {
		return "", err
	}
	rows := pgx.CopyFromSlice(checks.Rows, func(n int) ([]any, error) { return []any{n, fmt.Sprint("word ", n)}, nil })
	count, err := conn.CopyFrom(ctx, pgx.Identifier{"copied"}, []string{"n", "word"}, rows)
	return fmt.Sprint(count, " rows"), err
}

func copyOut(ctx context.Context) (string, error) {
	conn, err := connect(ctx, "")
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var text bytes.Buffer
	tag, err := conn.PgConn().CopyTo(ctx, &text, "COPY copied TO STDOUT")
	return fmt.Sprintf("%d rows in %d lines", tag.RowsAffected(), bytes.Count(text.Bytes(), []byte("\n"))), err
}

// prepared runs a statement that pgx prepares by itself and keeps.
func prepared(ctx context.Context) (string, error) {
	conn, err := connect(ctx, "")
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	other, err := connect(ctx, "")
	if err != nil {
		return "", err
	}
	defer other.Close(ctx)
	if _, err := other.Exec(ctx, "CREATE TABLE migrated AS SELECT 1 AS a"); err != nil {
		return "", err
	}
	var seen []string
	for range 2 {
		for range 2 {
			rows, _ := conn.Query(ctx, "SELECT * FROM migrated")
			values, err := pgx.CollectRows(rows, pgx.RowToMap)
			if err != nil {
				seen = append(seen, sqlstate(err))
			} else {
				seen = append(seen, fmt.Sprint(len(values[0])))
			}
		}
		if len(seen) == 2 {
			if _, err := other.Exec(ctx, "ALTER TABLE migrated ADD COLUMN b int"); err != nil {
				return "", err
			}
		}
	}
	return strings.Join(seen, ", "), nil
}

func main() {
	logins := checks.Logins{Refusal: refusal, SQLState: sqlstate}
	checks.Main(append(logins.Checks(), []checks.Check{
		{Name: "fresh token", Run: freshToken},
		{Name: "wake", Run: wake},
		{Name: "crash in a transaction", Run: crash},
		{Name: "cancel", Run: cancel},
		{Name: "50 at once", Run: atOnce},
		{Name: "COPY in", Run: copyIn},
		{Name: "COPY out", Run: copyOut},
		{Name: "prepared over a migration", Run: prepared},
	}...))
}
