-- `state IN (...)` with more than two states makes SQLite build a table of them in
-- memory for each row that is inserted: a quarter of what the row costs. Said one by
-- one they are compared. Nothing on disk is another, so only the words of the schema
-- change (https://sqlite.org/lang_altertable.html, section 8).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
	'state IN (''pending'', ''issued'', ''withdrawn'')',
	'state = ''pending'' OR state = ''issued'' OR state = ''withdrawn''')
    WHERE type = 'table' AND name = 'request';
UPDATE sqlite_schema SET sql = replace(sql,
	'state IN' || char(10) ||
	'	    (''sent'', ''answered'', ''withdrawn'', ''issued'', ''held'', ''rejected'')',
	'state = ''sent'' OR state = ''answered'' OR state = ''withdrawn'' OR' || char(10) ||
	'	    state = ''issued'' OR state = ''held'' OR state = ''rejected''')
    WHERE type = 'table' AND name = 'submission';
UPDATE sqlite_schema SET sql = replace(sql,
	'state IN (''issued'', ''presumed'', ''revoked'', ''held'')',
	'state = ''issued'' OR state = ''presumed'' OR state = ''revoked'' OR state = ''held''')
    WHERE type = 'table' AND name = 'issued';
PRAGMA writable_schema = RESET;
