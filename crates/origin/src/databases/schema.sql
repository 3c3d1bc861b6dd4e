CREATE TABLE IF NOT EXISTS resource (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    edition INTEGER,
    modified_ns INTEGER NOT NULL,
    content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    tagged INTEGER NOT NULL);
INSERT OR IGNORE INTO delivery (id, tagged) VALUES (1, 1);
