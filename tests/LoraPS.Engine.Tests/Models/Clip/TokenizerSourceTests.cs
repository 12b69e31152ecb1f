using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Models.Clip;

public sealed class TokenizerSourceTests : IDisposable
{
    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_models_own_tokenizer_comes_first()
    {
        var model = Path.Combine(_folder.Path, "model");
        var own = _folder.AddVocabulary("model", "tokenizer");
        _folder.AddVocabulary("kept");
        Assert.Equal(own, FoundAt(model));
    }

    [Fact]
    public void A_named_path_comes_before_all_others()
    {
        var named = _folder.AddVocabulary("named");
        _folder.AddVocabulary("model", "tokenizer");
        Assert.Equal(named, FoundAt(Path.Combine(_folder.Path, "model"), named));
        Assert.Equal(Path.Combine(named, "vocab.json"), FoundAt(null, Path.Combine(named, "vocab.json")));
    }

    [Fact]
    public void One_fetched_before_comes_before_the_hugging_face_cache()
    {
        var snapshot = _folder.AddVocabulary("hub", "models--openai--clip-vit-large-patch14", "snapshots", "32bd64288804");
        Assert.Equal(snapshot, FoundAt(_folder.Write("model.safetensors", "")));
        Assert.Equal(_folder.AddVocabulary("kept"), FoundAt(null));
    }

    [Fact]
    public void A_folder_that_lacks_a_file_is_passed_over()
    {
        File.Delete(Path.Combine(_folder.AddVocabulary("model", "tokenizer"), "merges.txt"));
        var kept = _folder.AddVocabulary("kept");
        Assert.Equal(kept, FoundAt(Path.Combine(_folder.Path, "model")));
    }

    [Fact]
    public void A_missing_tokenizer_names_the_places_and_what_to_do()
    {
        var half = _folder.AddVocabulary("model", "tokenizer");
        File.Delete(Path.Combine(half, "merges.txt"));
        var model = Path.Combine(_folder.Path, "model");
        var error = Assert.Throws<TokenizerNotFoundException>(() => Source().Locate(model, null));
        Assert.Equal(("TokenizerNotFound", model), (error.ErrorId, error.Target));
        Assert.Equal(3, error.Looked.Count);
        string[] said =
        [
            $"{half} (no merges.txt there)", _folder.EmptyPlaces().KeptFolder, _folder.EmptyPlaces().SnapshotsFolder,
            "bpe_simple_vocab_16e6.txt.gz", "diffusers", "download",
        ];
        Assert.All(said, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nowhere", "no such file or folder")]
    [InlineData("empty", "no vocab.json and no merges.txt")]
    [InlineData("lonely/vocab.json", "no merges.txt")]
    public void A_named_path_without_a_tokenizer_is_an_error_even_where_others_are(string named, string lacking)
    {
        _folder.AddVocabulary("kept");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "empty"));
        File.Delete(Path.Combine(_folder.AddVocabulary("lonely"), "merges.txt"));
        var path = Path.Combine(_folder.Path, named);
        var error = Assert.Throws<TokenizerNotFoundException>(() => Source().Locate(null, path, allowDownload: true));
        Assert.Contains($"{path} ({lacking}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_tokenizer_is_an_error_and_not_passed_over()
    {
        _folder.AddVocabulary("kept");
        File.WriteAllText(Path.Combine(_folder.AddVocabulary("model", "tokenizer"), "vocab.json"), "{");
        Assert.Throws<TokenizerFormatException>(() => Source().Locate(Path.Combine(_folder.Path, "model"), null));
    }

    private TokenizerSource Source() => new(_folder.EmptyPlaces(), new FakeHub(_ => null));

    /// <summary>The place a search ends at, told by its event.</summary>
    private string FoundAt(string? modelPath, string? tokenizerPath = null)
    {
        var events = new EventList();
        var tokenizer = Source().Locate(modelPath, tokenizerPath, events: events);
        Assert.Equal(TokenizerFolder.Tokenizer.Encode("a cat"), tokenizer.Encode("a cat"));
        var detail = Assert.IsType<DetailEvent>(Assert.Single(events));
        return detail.Message["The tokenizer is ".Length..^1];
    }
}
