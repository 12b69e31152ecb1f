namespace LoraPS.Engine.Data.Configuration;

/// <summary>Finds how deep the brackets of a TOML document are nested, before it is parsed: the parser would run out of stack.</summary>
internal static class TomlNesting
{
    /// <summary>More than any configuration has.</summary>
    public const int Limit = 64;

    /// <summary>Where it becomes deeper than <see cref="Limit"/>; null where it does not.</summary>
    public static int? TooDeepAt(string text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '#':
                    i = EndOfLine(text, i);
                    break;
                case '"' or '\'':
                    i = EndOfString(text, i);
                    break;
                case '[' or '{':
                    if (++depth > Limit)
                        return i;
                    break;
                case ']' or '}':
                    depth = Math.Max(depth - 1, 0);
                    break;
            }
        }

        return null;
    }

    private static int EndOfLine(string text, int start) => text.IndexOf('\n', start) is >= 0 and var end ? end : text.Length;

    private static int EndOfString(string text, int start)
    {
        var quote = text[start];
        var isLong = string.CompareOrdinal(text, start, new string(quote, 3), 0, 3) == 0;
        for (var i = start + (isLong ? 3 : 1); i < text.Length; i++)
        {
            if (text[i] == '\\' && quote == '"')
                i++;
            else if (text[i] == '\n' && !isLong)
                return i;
            else if (text[i] == quote && (!isLong || string.CompareOrdinal(text, i, new string(quote, 3), 0, 3) == 0))
                return i + (isLong ? 2 : 0);
        }

        return text.Length;
    }
}
