using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using LoraPS.Engine.Models.Clip;

namespace LoraPS.Engine.Tests.Models.Clip;

public class ClipTokenizerTests
{
    private static readonly ClipTokenizer Tokenizer = TokenizerFolder.Tokenizer;

    public static TheoryData<string, int[]> KnownIds => Cases("clip_bpe.json");

    public static TheoryData<string, int[]> CleanedIds => Cases("cleaning.json");

    [Theory]
    [MemberData(nameof(KnownIds))]
    public void Ids_equal_those_of_the_original(string text, int[] ids) => Assert.Equal(ids, Tokenizer.Encode(text));

    [Theory]
    [MemberData(nameof(CleanedIds))]
    public void Text_is_cleaned_as_the_original_cleans_it(string text, int[] ids) => Assert.Equal(ids, Tokenizer.Encode(text));

    [Fact]
    public void Begin_and_end_are_the_last_two_tokens()
    {
        Assert.Equal((49406, 49407, 49408), (Tokenizer.BeginId, Tokenizer.EndId, Tokenizer.VocabularySize));
        Assert.Equal([Tokenizer.BeginId, Tokenizer.EndId], Tokenizer.Encode("<|startoftext|><|endoftext|>"));
    }

    [Fact]
    public void Encoding_a_text_again_gives_the_same_ids()
    {
        const string Text = "masterpiece, a photo of a cat";
        Assert.Equal(Tokenizer.Encode(Text), Tokenizer.Encode(Text));
    }

    [Fact]
    public void Words_need_no_more_than_white_space_between_them() =>
        Assert.Equal(Tokenizer.Encode("a photo of a cat"), Tokenizer.Encode("\ta\u3000photo\r\nof\u00a0 a  cat "));

    [Property]
    public bool Any_text_gives_ids_of_the_vocabulary(DoNotSize<ushort>[] units)
    {
        var text = string.Concat(units.Select(unit => (char)unit.Item));
        return Tokenizer.Encode(text).All(Known.Contains);
    }

    [Property]
    public bool Texts_apart_encode_as_they_do_together(NonNull<string> first, NonNull<string> second)
    {
        // A line break ends the word, and no entity or quotation reaches over it.
        var (one, two) = (first.Get.Replace("<", "", StringComparison.Ordinal), second.Get.Replace("<", "", StringComparison.Ordinal));
        return Tokenizer.Encode(one + "\n" + two).SequenceEqual([.. Tokenizer.Encode(one), .. Tokenizer.Encode(two)]);
    }

    [Property]
    public bool Rows_have_77_ids_and_start_with_begin(DoNotSize<ushort>[] units, bool padWithZero)
    {
        var text = string.Concat(units.Select(unit => (char)unit.Item));
        var chunks = Tokenizer.EncodeChunks(text, 225, padWithZero ? 0 : null);
        return chunks.Ids.Length == 3
            && chunks.Ids.All(row => row.Length == 77 && row[0] == Tokenizer.BeginId && row.Contains(Tokenizer.EndId))
            && chunks.DroppedTokens == Math.Max(0, Tokenizer.Encode(text).Count - 225);
    }

    private static HashSet<int> Known { get; } = [.. ClipVocabulary.Load(TokenizerFolder.Vocabulary).Ids.Values];

    private static TheoryData<string, int[]> Cases(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(TokenizerFolder.Vocabulary, file)));
        var data = new TheoryData<string, int[]>();
        foreach (var item in json.RootElement.GetProperty("cases").EnumerateArray())
            data.Add(item.GetProperty("text").GetString()!, item.GetProperty("ids").Deserialize<int[]>()!);
        return data;
    }
}
