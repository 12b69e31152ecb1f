using System.Text;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Splits cleaned text into the words that byte pairs are merged in.</summary>
/// <remarks>
/// The same as the pattern of OpenAI's CLIP, clip/simple_tokenizer.py@d05afc4: a special token, an English contraction,
/// a run of letters, one number, or a run of anything else but white space; the first that fits is taken. Characters
/// are code points.
/// </remarks>
internal static class PromptWords
{
    /// <summary>What is a word of its own wherever one can begin.</summary>
    private static readonly string[] Wholes =
        [ClipVocabulary.BeginToken, ClipVocabulary.EndToken, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>The words of a text, in order.</summary>
    /// <param name="text">Text in lower case.</param>
    public static IEnumerable<string> Split(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var (kind, length) = WordAt(text.AsSpan(start));
            if (kind != Kind.Space)
                yield return text.Substring(start, length);
            start += length;
        }
    }

    private static (Kind Kind, int Length) WordAt(ReadOnlySpan<char> text)
    {
        foreach (var whole in Wholes)
        {
            if (text.StartsWith(whole, StringComparison.Ordinal))
                return (Kind.Other, whole.Length);
        }

        var kind = KindAt(text, out var length);
        while (kind != Kind.Number && length < text.Length && KindAt(text[length..], out var next) == kind)
            length += next;
        return (kind, length);
    }

    /// <summary>Kind and length of the first character; half of a surrogate pair counts as one of no kind.</summary>
    private static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var rune, out length);
        return Rune.IsLetter(rune) ? Kind.Letter
            : Rune.IsNumber(rune) ? Kind.Number
            : Rune.IsWhiteSpace(rune) ? Kind.Space
            : Kind.Other;
    }
}
