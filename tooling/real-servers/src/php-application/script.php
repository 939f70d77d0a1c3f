<?php
// A script that is asked for by its name, with what follows as PATH_INFO.
header('Content-Type: application/json');
$names = ['SCRIPT_NAME', 'SCRIPT_FILENAME', 'PATH_INFO', 'PATH_TRANSLATED', 'PHP_SELF', 'DOCUMENT_ROOT', 'REQUEST_URI', 'QUERY_STRING'];
echo json_encode(array_combine($names, array_map(fn ($name) => $_SERVER[$name] ?? null, $names)), JSON_UNESCAPED_SLASHES);
