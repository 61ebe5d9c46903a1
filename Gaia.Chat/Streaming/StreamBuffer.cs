namespace Gaia.Chat.Streaming;

/// <summary>After which characters text is handed on (contract 3).</summary>
public enum ChunkMode
{
    /// <summary>After <c>. ! ?</c></summary>
    Sentence,

    /// <summary>After <c>. ! ? : ;</c> and at the end of a line.</summary>
    Phrase,
}

/// <summary>
/// Turns the pieces in which a model says something into the chunks in which a client hears it. No word is split, a directive
/// (a JSON object that begins with <c>{"m":"</c>) is a chunk of its own, and all chunks together are the pieces together.
/// Held back is only what cannot be told yet: the word, or the directive, that the pieces so far end in. A word ends with a space,
/// a tab or the end of a line, so that <c>3.14</c> and <c>e.g.</c> stay whole; scripts without spaces may be cut anywhere.
/// Every character is looked at once, or twice where what looked like a directive was none.
/// </summary>
public sealed class StreamBuffer(ChunkMode mode)
{
    /// <summary>UTF-16 characters of the longest word that is kept whole; what is longer is handed on in parts.</summary>
    public const int MaxWord = 256;

    /// <summary>UTF-16 characters of the longest directive; what is longer is text.</summary>
    public const int MaxDirective = 64 * 1024;

    private const string Start = "{\"m\":\"";

    private readonly List<int> _ends = [];
    private char[] _text = new char[MaxWord];
    private int _length;
    private int _next;
    private int _taken;
    private int _given;

    // Where the last chunk ends that was decided on, and up to where there are whole words.
    private int _cut;
    private int _whole;
    private bool _isSentenceOver;

    // How many chunks were decided on before the text that is being read.
    private int _decided;

    private Reading _reading = Reading.Text;
    private int _brace;
    private int _matched;
    private int _plainUntil;
    private int _depth;
    private bool _isEscaped;

    private enum Reading
    {
        Text,
        Start,
        Members,
        String,
    }

    /// <summary>Takes a piece in; the chunks that it completes are there to be taken.</summary>
    public void Append(ReadOnlySpan<char> piece)
    {
        Forget();
        if (_text.Length < _length + piece.Length)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + piece.Length));
        piece.CopyTo(_text.AsSpan(_length));
        _length += piece.Length;
        while (_next < _length)
            Read(_text[_next]);

        if (_reading == Reading.Text && _whole == _length)
        {
            CutInOne(_length);
            _isSentenceOver = false;
        }
        else if (_reading is Reading.Text or Reading.Start)
        {
            Cut(_whole);
        }
    }

    /// <summary>Hands on whatever is held back: nothing comes any more.</summary>
    public void Complete()
    {
        (_reading, _next, _whole) = (Reading.Text, _length, _length);
        Cut(_length);
    }

    /// <param name="chunk">Good until the next piece.</param>
    public bool TryTake(out ReadOnlySpan<char> chunk)
    {
        if (_given == _ends.Count)
        {
            chunk = default;
            return false;
        }

        var end = _ends[_given++];
        chunk = _text.AsSpan(_taken, end - _taken);
        _taken = end;
        return true;
    }

    private void Read(char c)
    {
        switch (_reading)
        {
            case Reading.Text:
                ReadText(c);
                break;
            case Reading.Start:
                ReadStart(c);
                break;
            default:
                ReadDirective(c);
                break;
        }
    }

    private void ReadText(char c)
    {
        if (c is ' ' or '\t' or '\n')
        {
            _isSentenceOver |= c == '\n' ? mode == ChunkMode.Phrase || EndsSentence() : EndsSentence();
            _whole = ++_next;
            return;
        }

        if (_isSentenceOver)
            Cut(_whole);
        _isSentenceOver = false;
        if (c == '{' && _next >= _plainUntil)
        {
            (_reading, _brace, _matched) = (Reading.Start, _next++, 1);
            return;
        }

        var isUnspaced = IsUnspaced(c);
        // Not between the halves of a pair.
        if (isUnspaced || (_next - Math.Max(_whole, _cut) >= MaxWord && !char.IsLowSurrogate(c)))
            _whole = _next;
        _next++;
        if (isUnspaced)
            _whole = _next;
    }

    private bool EndsSentence()
    {
        var at = _next - 1;
        while (at >= _cut && _text[at] is '\r' or '"' or '\'' or ')' or ']' or '”' or '’')
            at--;
        return at >= _cut && (_text[at] is '.' or '!' or '?' || (mode == ChunkMode.Phrase && _text[at] is ':' or ';'));
    }

    private void ReadStart(char c)
    {
        if (c == Start[_matched])
        {
            _next++;
            if (++_matched < Start.Length)
                return;
            // It is one. What is in front of it need not wait for its end.
            CutInOne(_brace);
            (_reading, _depth, _isEscaped) = (Reading.String, 1, false);
        }
        else if (char.IsWhiteSpace(c) && _matched != 2 && _matched != 3 && _next - _brace < MaxWord)
        {
            _next++;
        }
        else
        {
            ReadAsText(_brace + 1);
        }
    }

    private void ReadDirective(char c)
    {
        if (_next - _brace >= MaxDirective)
        {
            ReadAsText(_next);
            return;
        }

        _next++;
        if (_reading == Reading.String)
        {
            if (_isEscaped)
                _isEscaped = false;
            else if (c == '\\')
                _isEscaped = true;
            else if (c == '"')
                _reading = Reading.Members;
            return;
        }

        switch (c)
        {
            case '"':
                _reading = Reading.String;
                break;
            case '{':
                _depth++;
                break;
            case '}' when --_depth == 0:
                Cut(_next);
                (_reading, _whole, _decided) = (Reading.Text, _next, _ends.Count);
                break;
        }
    }

    /// <summary>Goes back to the brace, which begins no directive, nor does any other up to <paramref name="end"/>.</summary>
    private void ReadAsText(int end)
    {
        (_reading, _next, _plainUntil) = (Reading.Text, _brace, end);
        _whole = Math.Max(_whole, _cut);
    }

    private void Cut(int end)
    {
        if (end <= _cut)
            return;
        _ends.Add(end);
        _cut = end;
    }

    /// <summary>One chunk of what is there, whatever sentences were seen in it.</summary>
    private void CutInOne(int end)
    {
        if (_ends.Count > _decided)
            _ends.RemoveRange(_decided, _ends.Count - _decided);
        _cut = _ends.Count > 0 ? _ends[^1] : 0;
        Cut(end);
    }

    /// <summary>Drops what was taken. The rest is short, or was moved before and stays where it is.</summary>
    private void Forget()
    {
        if (_given < _ends.Count)
            throw new InvalidOperationException("Take the chunks before the next piece.");
        (_given, _decided) = (0, 0);
        _ends.Clear();
        if (_taken == 0)
            return;
        _text.AsSpan(_taken, _length - _taken).CopyTo(_text);
        _length -= _taken;
        _next -= _taken;
        _whole = Math.Max(0, _whole - _taken);
        _brace -= _taken;
        _plainUntil = Math.Max(0, _plainUntil - _taken);
        (_cut, _taken) = (0, 0);
    }

    /// <summary>Chinese and Japanese: characters that begin and end a word by themselves.</summary>
    private static bool IsUnspaced(char c) => c is >= '\u3000' and <= '\u30FF' or >= '\u3400' and <= '\u4DBF' or >= '\u4E00' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF' or >= '\uFF00' and <= '\uFFEF';
}
