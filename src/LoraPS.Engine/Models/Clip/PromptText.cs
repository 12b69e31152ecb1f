using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Cleans text the way CLIP's training captions were cleaned, so that it meets the tokens the model knows.</summary>
/// <remarks>
/// Does what ftfy 6.3.1 and lower-casing do to captions: entities are decoded, curly quotes straightened, ligatures taken
/// apart, full-width letters narrowed, half-width kana widened, control characters dropped, accents composed. Left out is
/// ftfy's repair of text that was read in a wrong encoding. White space needs no cleaning, as words are split on it.
/// The result is the same in every culture and with no ICU installed.
/// </remarks>
internal static partial class PromptText
{
    private const int FullWidthOffset = '！' - '!';

    /// <summary>U+FF61 to U+FF9F in their usual width.</summary>
    private const string WideKana = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309a";

    private static readonly Dictionary<char, string> Ligatures = new()
    {
        ['Ĳ'] = "IJ", ['ĳ'] = "ij", ['ŉ'] = "'n",
        ['Ǆ'] = "DŽ", ['ǅ'] = "Dž", ['ǆ'] = "dž", ['Ǳ'] = "DZ", ['ǲ'] = "Dz", ['ǳ'] = "dz",
        ['Ǉ'] = "LJ", ['ǈ'] = "Lj", ['ǉ'] = "lj", ['Ǌ'] = "NJ", ['ǋ'] = "Nj", ['ǌ'] = "nj",
        ['ﬀ'] = "ff", ['ﬁ'] = "fi", ['ﬂ'] = "fl", ['ﬃ'] = "ffi", ['ﬄ'] = "ffl", ['ﬅ'] = "ſt", ['ﬆ'] = "st",
    };

    /// <summary>Cleans a text and puts it in lower case.</summary>
    /// <param name="text">Any text.</param>
    public static string Clean(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in DecodeEntities(text))
            AppendPlain(plain, c);
        return UnicodeComposition.Compose(ToLower(plain.ToString()));
    }

    /// <summary>Decodes "&amp;eacute;", also where it was encoded twice, but not in text that holds "&lt;", which may be markup on purpose.</summary>
    private static string DecodeEntities(string text)
    {
        if (text.Contains('<', StringComparison.Ordinal))
            return text;
        for (var decoded = WebUtility.HtmlDecode(text); decoded != text; decoded = WebUtility.HtmlDecode(text))
            text = decoded;
        return text;
    }

    private static void AppendPlain(StringBuilder plain, char c)
    {
        if (Ligatures.TryGetValue(c, out var letters))
            plain.Append(letters);
        else if (!IsUnwanted(c))
            plain.Append(ToPlain(c));
    }

    private static char ToPlain(char c) => c switch
    {
        'ʼ' or (>= '\u2018' and <= '\u201b') => '\'',
        >= '\u201c' and <= '\u201f' => '"',
        '\u3000' => ' ',
        >= '！' and <= '～' => (char)(c - FullWidthOffset),
        >= '\uff61' and <= '\uff9f' => WideKana[c - '\uff61'],
        _ => c,
    };

    /// <summary>Control characters other than white space, byte order marks, and marks of annotations and embedded objects.</summary>
    private static bool IsUnwanted(char c) => c
        is (< ' ' and not ('\t' or '\n' or '\f' or '\r')) or '\u007f'
        or (>= '\u206a' and <= '\u206f') or '\ufeff' or (>= '\ufff9' and <= '\ufffc');

    /// <summary>Lower case of one letter depends on its neighbours (sigma), and of another is two characters: .NET leaves both out.</summary>
    private static string ToLower(string text) =>
        FinalSigma().Replace(text, "ς").Replace("İ", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();

    [GeneratedRegex(@"(?<=\p{L})Σ(?!\p{L})")]
    private static partial Regex FinalSigma();
}
