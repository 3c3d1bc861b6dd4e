<?php
// What people write in PHP: the path says what is done, COPY is a folder.
$file = getenv('COPY') . '/config.json';
$body = file_get_contents($file);
$asked = $_SERVER['HTTP_IF_NONE_MATCH'] ?? '';
$way = trim(strtok($_SERVER['REQUEST_URI'], '?'), '/');
$tag = '"' . md5($body) . '"';
header('Content-Type: application/json');

function unchanged(): never {
    http_response_code(304);
    exit;
}

function strict(string $tag): void {
    global $asked;
    header("ETag: $tag");
    if ($asked === $tag) unchanged();
}

function weak(string $tag): void {
    global $asked;
    header("ETag: $tag");
    foreach (explode(',', $asked) as $one) {
        if (preg_replace('~^W/~', '', trim($one)) === $tag || trim($one) === '*') unchanged();
    }
}

match ($way) {
    'weak' => weak($tag),
    'strict' => strict($tag),
    'unquoted' => strict(trim($tag, '"')),
    'of-nothing' => weak('"' . md5('') . '"'),
    'session' => (function () use ($tag) { session_save_path(sys_get_temp_dir()); session_start(); weak($tag); })(),
    'cookie' => (function () use ($tag) { setcookie('seen', (string) microtime(true)); weak($tag); })(),
    'fatal' => (function () use ($tag, $asked) { header("ETag: $tag"); if ($asked) undefined_function($asked); })(),
    'coded' => (function () use ($tag) { ob_start('ob_gzhandler'); header("ETag: $tag"); })(),
    'type' => (function () use ($tag) { header(getenv('REPLICA') === '1' ? 'Content-Type: text/plain' : 'Content-Type: application/json'); weak($tag); })(),
    'dated' => (function () use ($file) {
        $date = gmdate('D, d M Y H:i:s', filemtime($file)) . ' GMT';
        header("Last-Modified: $date");
        if (isset($_SERVER['HTTP_IF_MODIFIED_SINCE'])) unchanged();
    })(),
    // As found on the web: either will do.
    'either' => (function () use ($tag, $file, $asked) {
        $date = gmdate('D, d M Y H:i:s', filemtime($file)) . ' GMT';
        header("Last-Modified: $date");
        header("ETag: $tag");
        if (($_SERVER['HTTP_IF_MODIFIED_SINCE'] ?? '') === $date || $asked === $tag) unchanged();
    })(),
    'head' => (function () use ($tag) {
        if ($_SERVER['REQUEST_METHOD'] === 'HEAD') { header('ETag: "' . md5('') . '"'); exit; }
        weak($tag);
    })(),
    'language' => (function () use ($tag) {
        global $body;
        header('Vary: Accept-Language');
        weak($tag);
        $german = str_starts_with($_SERVER['HTTP_ACCEPT_LANGUAGE'] ?? '', 'de');
        $body = json_encode(['language' => $german ? 'de' : 'en', 'data' => $body]);
    })(),
};
echo $body;
