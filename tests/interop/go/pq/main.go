// The checks with lib/pq under database/sql.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lib/pq"

	"lakebase.test/interop/checks"
)

func sqlstate(err error) string {
	var refusal *pq.Error
	if errors.As(err, &refusal) {
		return string(refusal.Code)
	}
	return fmt.Sprintf("no SQLSTATE: %v", err)
}

// open takes what it is not given from the PG variables.
func open(ctx context.Context, settings string) (*sql.DB, error) {
	db, err := sql.Open("postgres", settings)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// refusal is the error of a connect.
func refusal(ctx context.Context, settings string) error {
	db, err := open(ctx, settings)
	if err == nil {
		db.Close()
	}
	return err
}

// freshConnector asks for a token for each connection, as users of lib/pq do it.
type freshConnector struct{}

func (freshConnector) Connect(ctx context.Context) (driver.Conn, error) {
	token, err := checks.Control("token")
	if err != nil {
		return nil, err
	}
	connector, err := pq.NewConnector(checks.Setting("password", token))
	if err != nil {
		return nil, err
	}
	return connector.Connect(ctx)
}

func (freshConnector) Driver() driver.Driver { return &pq.Driver{} }

func freshToken(ctx context.Context) (string, error) {
	db := sql.OpenDB(freshConnector{})
	defer db.Close()
	return "", db.PingContext(ctx)
}

func wake(ctx context.Context) (string, error) {
	db, err := open(ctx, "")
	if err != nil {
		return "", err
	}
	defer db.Close()
	if _, err := checks.Control("suspend"); err != nil {
		return "", err
	}
	// database/sql takes another connection when the driver says that one is bad.
	var one int
	return "", db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

func crash(ctx context.Context) (string, error) {
	db, err := open(ctx, "")
	if err != nil {
		return "", err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "CREATE TABLE crashes (n int)"); err != nil {
		return "", err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "INSERT INTO crashes VALUES (1)"); err != nil {
		return "", err
	}
	if _, err := checks.Control("crash"); err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, "SELECT 1"); err == nil {
		return "", errors.New("the connection is not lost")
	}
	if err := tx.Commit(); err == nil {
		return "", errors.New("the transaction was committed")
	}
	var rows int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM crashes").Scan(&rows); err != nil || rows != 0 {
		return "", fmt.Errorf("%d rows, %v", rows, err)
	}
	return "", nil
}

func cancel(ctx context.Context) (string, error) {
	db, err := open(ctx, "")
	if err != nil {
		return "", err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	asleep, wakeUp := context.WithCancelCause(ctx)
	go func() {
		_, err := checks.Control("asleep")
		wakeUp(err)
	}()
	_, err = conn.ExecContext(asleep, "SELECT pg_sleep(60)")
	seen := sqlstate(err)
	if conn.PingContext(ctx) == nil {
		seen += " and goes on"
	} else {
		seen += " and closed"
	}
	conn.Close()
	return seen, db.PingContext(ctx)
}

func atOnce(ctx context.Context) (string, error) {
	db, err := open(ctx, "")
	if err != nil {
		return "", err
	}
	defer db.Close()
	db.SetMaxOpenConns(checks.Sessions)
	var sum atomic.Int64
	var all sync.WaitGroup
	all.Add(checks.Sessions)
	err = checks.AtOnce(func(number int) error {
		conn, err := db.Conn(ctx)
		all.Done()
		if err != nil {
			return err
		}
		defer conn.Close()
		all.Wait()
		var same int64
		err = conn.QueryRowContext(ctx, "SELECT $1::bigint", number).Scan(&same)
		sum.Add(same)
		return err
	})
	return fmt.Sprint("sum ", sum.Load()), err
}

func copyIn(ctx context.Context) (string, error) {
	db, err := open(ctx, "")
	if err != nil {
		return "", err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "CREATE TABLE copied (n int, word text)"); err != nil {
		return "", err
	}
	stmt, err := tx.PrepareContext(ctx, "COPY copied (n, word) FROM STDIN")
	if err != nil {
		return "", err
	}
	for n := range checks.Rows {
		if _, err := stmt.ExecContext(ctx, n, fmt.Sprint("word ", n)); err != nil {
			return "", err
		}
	}
	done, err := stmt.ExecContext(ctx)
	if err != nil {
		return "", err
	}
	rows, err := done.RowsAffected()
	if err != nil {
		return "", err
	}
	return fmt.Sprint(rows, " rows"), errors.Join(stmt.Close(), tx.Commit())
}

func copyOut(context.Context) (string, error) {
	return "", checks.None("COPY TO STDOUT is not supported")
}

// prepared keeps one session, whose statement goes on over the migration by another.
func prepared(ctx context.Context) (string, error) {
	db, err := open(ctx, "")
	if err != nil {
		return "", err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "CREATE TABLE migrated AS SELECT 1 AS a"); err != nil {
		return "", err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stmt, err := conn.PrepareContext(ctx, "SELECT * FROM migrated")
	if err != nil {
		return "", err
	}
	defer stmt.Close()
	var seen []string
	for range 2 {
		for range 2 {
			seen = append(seen, columns(ctx, stmt))
		}
		if len(seen) == 2 {
			if _, err := db.ExecContext(ctx, "ALTER TABLE migrated ADD COLUMN b int"); err != nil {
				return "", err
			}
		}
	}
	return strings.Join(seen, ", "), nil
}

// columns says how many came, or why none.
func columns(ctx context.Context, stmt *sql.Stmt) string {
	rows, err := stmt.QueryContext(ctx)
	if err != nil {
		return sqlstate(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	for rows.Next() {
	}
	if rows.Err() != nil {
		return sqlstate(rows.Err())
	}
	return fmt.Sprint(len(names))
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
