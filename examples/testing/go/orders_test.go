package orders

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

var (
	project string
	ctx     = context.Background()
)

func TestMain(m *testing.M) {
	project = newProject()
	conn := connect(project + "/branches/production")
	must(conn.Exec(ctx, "CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL)"))
	must(conn.Exec(ctx, "INSERT INTO orders VALUES (1, 'tea')"))
	conn.Close(ctx)
	status := m.Run()
	call("DELETE", "postgres/"+project+"?purge=true", "")
	os.Exit(status)
}

func orders(t *testing.T) *pgx.Conn {
	t.Parallel()
	conn := connect(newBranch(project))
	t.Cleanup(func() { conn.Close(ctx) })
	return conn
}

func TestOrdersCanBeCancelled(t *testing.T) {
	conn := orders(t)
	must(conn.Exec(ctx, "DELETE FROM orders"))
	var count int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM orders").Scan(&count); err != nil || count != 0 {
		t.Error(count, err)
	}
}

func TestOrdersAreThereForEachTest(t *testing.T) {
	var item string
	if err := orders(t).QueryRow(ctx, "SELECT item FROM orders").Scan(&item); err != nil || item != "tea" {
		t.Error(item, err)
	}
}
