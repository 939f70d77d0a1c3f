<?php
// A small PHP application behind a front controller: sessions, uploads, redirects, streams, and what can go wrong.

declare(strict_types=1);

function text(string $text): void {
    header('Content-Type: text/plain; charset=utf-8');
    echo $text;
}

function json(mixed $value): void {
    header('Content-Type: application/json');
    echo json_encode($value, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
}

/** Waits for the test to make a file: nothing here is timed. */
function await_file(string $path): void {
    while (!file_exists($path)) {
        usleep(1000);
        clearstatcache();
    }
}

function session(): void {
    session_start();
    $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
    text((string) $_SESSION['visits']);
}

function login(): void {
    session_start();
    if ($_SERVER['REQUEST_METHOD'] === 'POST') {
        $_SESSION['user'] = $_POST['user'];
        header('Location: /home', true, 303);
        return;
    }
    text('Who are you?');
}

function home(): void {
    session_start();
    if (!isset($_SESSION['user'])) {
        header('Location: /login');
        return;
    }
    text("Hello {$_SESSION['user']}");
}

function upload(): void {
    $files = [];
    foreach ($_FILES as $field => $file) {
        $files[$field] = [$file['name'], $file['type'], $file['size'], md5_file($file['tmp_name'])];
    }
    json(['fields' => $_POST, 'files' => $files]);
}

function body(): void {
    $body = file_get_contents('php://input');
    json([$_SERVER['REQUEST_METHOD'], $_SERVER['CONTENT_LENGTH'] ?? null, strlen($body), md5($body)]);
}

function events(): void {
    header('Content-Type: text/event-stream');
    foreach (explode(',', $_GET['after']) as $number => $file) {
        await_file($_GET['folder'] . '/' . $file);
        echo "data: $number\n\n";
        flush();
    }
}

function big(): void {
    header('Content-Type: application/octet-stream');
    $line = str_repeat('0123456789abcdef', 64);
    for ($i = 0; $i < 5 * 1024; $i++) {
        echo $line;
    }
}

function cached(): void {
    header('ETag: "one"');
    if (($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === '"one"') {
        http_response_code(304);
        return;
    }
    text('one');
}

function after(): void {
    text('answered');
    if (function_exists('fastcgi_finish_request')) {
        fastcgi_finish_request();
    }
    touch($_GET['file']);
}

function cookies(): void {
    setcookie('a', '1');
    setcookie('b', '2', ['expires' => 2000000000]);
    json($_COOKIE);
}

match (strtok($_SERVER['REQUEST_URI'], '?')) {
    '/' => text('front page'),
    '/session' => session(),
    '/login' => login(),
    '/home' => home(),
    '/upload' => upload(),
    '/body' => body(),
    '/events' => events(),
    '/big' => big(),
    '/cached' => cached(),
    '/after' => after(),
    '/cookies' => cookies(),
    '/server' => json($_SERVER),
    '/nothing' => http_response_code(204),
    '/warning' => [error_log('a warning of the application'), text('with a warning')],
    '/fatal' => call_to_nothing(),
    '/exit' => exit(3),
    '/unread' => [header('Connection: close'), text('not read')],
    default => [http_response_code(404), text('no such page')],
};
