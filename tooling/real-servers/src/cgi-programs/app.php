<?php
// A CGI program in PHP, run by php-cgi: what it does is named by PATH_INFO.

function sum(string $bytes): int
{
    $sum = 0;
    foreach (count_chars($bytes, 1) as $octet => $times) {
        $sum += $octet * $times;
    }
    return $sum;
}

switch ($_SERVER['PATH_INFO'] ?? '') {
    case '/upload':
        header('Content-Type: text/plain');
        if (isset($_FILES['file'])) {
            $file = $_FILES['file'];
            $bytes = file_get_contents($file['tmp_name']);
            echo "{$_POST['name']} {$file['name']} ", strlen($bytes), ' ', sum($bytes);
        } else {
            $bytes = file_get_contents('php://input');
            echo $_SERVER['REQUEST_METHOD'], ' ', strlen($bytes), ' ', sum($bytes), ' ', $_SERVER['CONTENT_TYPE'];
        }
        break;
    case '/redirect':
        setcookie('a', '1');
        setcookie('b', '2');
        header("Location: {$_SERVER['SCRIPT_NAME']}/there", true, 303);
        break;
    case '/large':
        header('Content-Type: application/octet-stream');
        for ($i = 0; $i < 160; $i++) {
            echo str_repeat('x', 65536);
        }
        break;
    case '/cached':
        header('ETag: "v1"');
        if (($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === '"v1"') {
            http_response_code(304);
            break;
        }
        header('Content-Type: text/plain');
        header('Content-Length: 5');
        echo 'fresh';
        break;
    case '/gated':
        // PHP has read the whole body before it begins: each event is made when a file is there.
        header('Content-Type: text/event-stream');
        while (ob_get_level() > 0) {
            ob_end_flush();
        }
        foreach (['a', 'b', 'c'] as $event) {
            while (!file_exists("{$_SERVER['HTTP_X_GATE']}/$event")) {
                usleep(2000);
                clearstatcache();
            }
            echo "data: $event\n\n";
            flush();
        }
        break;
    case '/die':
        file_put_contents('php://stderr', "with a reason\n");
        http_response_code(500);
        break;
    default:
        http_response_code(404);
        header('Content-Type: text/plain');
        echo 'no such thing: ', $_SERVER['PATH_INFO'] ?? '', '?', $_SERVER['QUERY_STRING'];
}
