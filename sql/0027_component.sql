-- What a component presents is looked at: when next, what was found, and how often
-- in a row it was not what it should be. check_at 0: never by itself.
ALTER TABLE component ADD COLUMN check_note TEXT;
ALTER TABLE component ADD COLUMN check_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE component ADD COLUMN check_tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX component_check ON component (check_at) WHERE check_at > 0;
-- Those that were delivered to before: one after another.
UPDATE component SET check_at = 1 WHERE address IS NOT NULL AND sha256 IS NOT NULL;
