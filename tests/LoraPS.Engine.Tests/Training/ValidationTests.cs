using System.Text.Json;
using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>The loss on pictures that are kept from training.</summary>
public sealed class ValidationTests : IDisposable
{
    private readonly TrainingFolder _folder = new(pictures: 8);
    private readonly EventList _events = [];

    public static TheoryData<int, double, int, int> Splits
    {
        get
        {
            using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("dataset/validation_split.json")));
            var data = new TheoryData<int, double, int, int>();
            foreach (var split in json.RootElement.EnumerateArray())
                data.Add(
                    split.GetProperty("images").GetInt32(), split.GetProperty("validation_split").GetDouble(),
                    split.GetProperty("train").GetInt32(), split.GetProperty("validation").GetInt32());
            return data;
        }
    }

    /// <summary>Numbers of sd-scripts 48d368fa, split_train_val.</summary>
    [Theory]
    [MemberData(nameof(Splits))]
    public void Sizes_equal_the_reference(int pictures, double split, int training, int validation) =>
        Assert.Equal((training, validation), ValidationSplit.Sizes(pictures, split));

    [Fact]
    public void The_parts_are_disjoint_and_the_seed_decides_them()
    {
        var dataset = Dataset(0.25);
        var (training, validation) = dataset.SplitForValidation(1);
        Assert.Equal((6, 2), (training.ImageCount, validation!.ImageCount));
        Assert.Equal(dataset.Entries.Select(e => e.Path), training.Entries.Concat(validation.Entries).Select(e => e.Path).Order(StringComparer.Ordinal));
        Assert.Equal(Paths(validation), Paths(dataset.SplitForValidation(1).Validation!));
        Assert.Contains(Enumerable.Range(2, 20), seed => !Paths(validation).SequenceEqual(Paths(dataset.SplitForValidation(seed).Validation!)));
    }

    [Fact]
    public void Without_a_share_nothing_is_kept()
    {
        var dataset = Dataset(0);
        Assert.Equal((dataset, null), dataset.SplitForValidation(1));
    }

    [Fact]
    public void The_loss_is_measured_after_each_epoch_and_whenever_else_it_is_asked_for()
    {
        var result = Train(0.25, options => options with { MaxTrainSteps = 7, ValidateEverySteps = 2 });
        var told = _events.OfType<ValidationEvent>().ToList();
        Assert.Equal([2, 3, 4, 6, 7], told.Select(e => e.Step));
        Assert.Equal([1, 1, 2, 2, 3], told.Select(e => e.Epoch));
        Assert.Equal(result.ValidationLoss, told[^1].Loss);
        Assert.All(told, e => Assert.True(e.Loss > 0));
        Assert.Equal([(1, 3), (2, 6), (3, 7)], _events.OfType<EpochEvent>().Select(e => (e.Epoch, e.Step)));
    }

    [Fact]
    public void Measuring_changes_nothing_that_is_trained()
    {
        var hash = Hash(Train(0.25, options => options).Path);
        Assert.Equal(hash, Hash(Train(0.25, options => options with { ValidateEverySteps = 1, MaxValidationSteps = 1, Overwrite = true }).Path));
    }

    [Fact]
    public void A_network_that_learned_nothing_has_the_same_loss_whenever_it_is_measured()
    {
        // So small a rate changes no number that float32 can hold.
        Train(0.25, options => options with { LearningRate = 1e-30, ValidateEverySteps = 1, Network = new() { Dropout = 0.5 } });
        Assert.Single(_events.OfType<ValidationEvent>().Select(e => e.Loss).Distinct());
    }

    [Fact]
    public void The_file_tells_of_it()
    {
        using var file = SafetensorsFile.Open(Train(0.25, options => options with { ValidateEverySteps = 3 }).Path);
        Assert.Equal(
            ("2", "0.25", "None", "3", "6"),
            (file.Metadata["ss_num_validation_images"], file.Metadata["ss_validation_split"], file.Metadata["ss_validation_seed"],
                file.Metadata["ss_validate_every_n_steps"], file.Metadata["ss_num_train_images"]));
    }

    [Fact]
    public void A_share_of_all_pictures_leaves_nothing_to_learn_from() =>
        Assert.Throws<EmptyDatasetException>(() => Train(1, options => options));

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Paths(LoraDataset dataset) => dataset.Entries.Select(entry => entry.Path);

    private static string Hash(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Metadata[LoraMetadata.ModelHashKey];
    }

    private LoraDataset Dataset(double split) => LoraDataset.FromFolder(
        _folder.Pictures,
        new DatasetOptions { Resolution = new ImageSize(TrainingFolder.PictureSize, TrainingFolder.PictureSize), BatchSize = 2, ValidationSplit = split },
        new SubsetOptions { CaptionExtension = ".txt" });

    private TrainingResult Train(double split, Func<TrainingOptions, TrainingOptions> change) =>
        LoraTrainer.Train(_folder.Model, Dataset(split), change(_folder.Options()), _events);
}
