using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Turns text into the token ids of CLIP's byte-pair vocabulary, and into the rows of 77 ids a text encoder reads.</summary>
/// <remarks>
/// Gives the ids of Hugging Face's CLIPTokenizer with ftfy, which is what sd-scripts runs. The pairs are merged by
/// Microsoft.ML.Tokenizers, which keeps a cache of words. Cleaning and splitting are our own, because the library's
/// regular expressions see UTF-16 units: a letter beyond U+FFFF would not count as a letter.
/// An instance may be used by several threads at once.
/// </remarks>
public sealed partial class ClipTokenizer
{
    private readonly ClipVocabulary _vocabulary;
    private readonly Lazy<BpeTokenizer> _pairs;

    /// <summary>Makes a tokenizer; its merge table is built when the first text is encoded.</summary>
    /// <param name="vocabulary">Tokens and merges.</param>
    public ClipTokenizer(ClipVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        _vocabulary = vocabulary;
        _pairs = new Lazy<BpeTokenizer>(() => BpeTokenizer.Create(new BpeOptions(vocabulary.Ids)
        {
            Merges = vocabulary.Merges,
            EndOfWordSuffix = ClipVocabulary.WordEnd,
            ByteLevel = true,
        }));
    }

    /// <summary>Id of the token that begins every row.</summary>
    public int BeginId => _vocabulary.BeginId;

    /// <summary>Id of the token that ends the text; SD1 and SDXL's first encoder pad with it too.</summary>
    public int EndId => _vocabulary.EndId;

    /// <summary>Rows a token embedding needs to hold every id; 49,408 for CLIP.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <summary>The ids of a text, without begin and end tokens and of any length.</summary>
    /// <param name="text">Any text; "&lt;|startoftext|&gt;" and "&lt;|endoftext|&gt;" in it become their tokens.</param>
    public IReadOnlyList<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. SpecialToken().Split(text).SelectMany(WordsOf).SelectMany(IdsOf)];
    }

    /// <summary>The rows a text encoder reads for a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxTokens">Tokens kept: 75, 150 or 225 (any multiple of 75); default 75.</param>
    /// <param name="padId">What fills the rows behind the end; default <see cref="EndId"/>. SD2 and SDXL's second encoder take 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokens"/> is not a positive multiple of 75.</exception>
    public TokenChunks EncodeChunks(string text, int maxTokens = TokenChunks.TokensPerRow, int? padId = null) =>
        TokenChunks.Split(Encode(text), maxTokens, BeginId, EndId, padId ?? EndId);

    /// <summary>The rows for a text with weights, such as "(word:1.3)", and the weight of each state.</summary>
    /// <inheritdoc cref="EncodeChunks"/>
    public WeightedTokens EncodeWeighted(string text, int maxTokens = TokenChunks.TokensPerRow, int? padId = null) =>
        WeightedTokens.Of(text, Encode, maxTokens, BeginId, EndId, padId ?? EndId);

    private static IEnumerable<string> WordsOf(string piece) =>
        SpecialToken().IsMatch(piece) ? [piece] : PromptWords.Split(PromptText.Clean(piece));

    private IReadOnlyList<int> IdsOf(string word) => word switch
    {
        ClipVocabulary.BeginToken => [BeginId],
        ClipVocabulary.EndToken => [EndId],
        _ => _pairs.Value.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false),
    };

    /// <summary>A special token as written; the group makes Split keep it.</summary>
    [GeneratedRegex(@"(<\|startoftext\|>|<\|endoftext\|>)")]
    private static partial Regex SpecialToken();
}
