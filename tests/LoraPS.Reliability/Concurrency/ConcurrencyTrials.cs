using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Training;
using LoraPS.Engine.Training;
using LoraPS.Reliability.Crash;

namespace LoraPS.Reliability.Concurrency;

/// <summary>Several runs at once: each is right, or refused.</summary>
internal static class ConcurrencyTrials
{
    private const int Runs = 4;

    /// <summary>Tries all that can meet.</summary>
    /// <param name="rounds">How often, each.</param>
    public static Counts Run(int rounds)
    {
        var counts = new Counts("At once", "Rounds", "Runs", "Finished", "Refused, with the error id", "Broken promises");
        foreach (var kind in new[] { "svd", "folder", "resize" })
            Merges(kind, rounds, counts);
        FirstOfAll(rounds, counts);
        Apart(rounds, counts);
        Edits(rounds, counts);
        Trainings(Math.Max(rounds / 10, 1), counts);
        return counts;
    }

    /// <summary>Merges of two results into one destination, over an older one.</summary>
    private static void Merges(string kind, int rounds, Counts counts)
    {
        using var folder = new TemporaryFolder();
        var job = CrashJobs.Create(kind, folder.Path);
        job.Prepare();
        job.Reset(isNew: true);
        job.Learn();
        var meeting = new Meeting($"{Runs} times {kind} to one destination");
        for (var round = 0; round < rounds; round++)
        {
            meeting.Run([.. Enumerable.Range(0, Runs).Select(i => i % 2 == 0 ? job.Finish : (Action)job.Replace)]);
            meeting.Check(OutputFiles.Hashes(job.Output).Where(file => !job.IsWhole(file.Key, file.Value)).Select(file => $"{file.Key} is torn"));
            meeting.Check(OutputFiles.Leftovers(job.Output).Select(left => $"{left} is left"));
        }

        meeting.AddTo(counts, rounds);
    }

    /// <summary>Where nothing may be replaced one run finishes and the others do not.</summary>
    private static void FirstOfAll(int rounds, Counts counts)
    {
        using var folder = new TemporaryFolder();
        var meeting = new Meeting($"{Runs} merges to one new file, without leave to replace it");
        for (var round = 0; round < rounds; round++)
        {
            var path = folder.File($"{round}.safetensors");
            var finished = meeting.Run([.. Enumerable.Range(1, Runs).Select(i => (Action)(() => LoraMerger.Merge([new(TestFiles.Fixture("merge/A.safetensors"), i)], path)))]);
            if (finished != 1)
                meeting.Check([$"{finished} runs finished"]);
        }

        meeting.AddTo(counts, rounds);
    }

    /// <summary>Merges that have nothing to do with each other.</summary>
    private static void Apart(int rounds, Counts counts)
    {
        using var folder = new TemporaryFolder();
        string Merge(string name, double ratio) => LoraMerger.Merge(
            [new(TestFiles.Fixture("merge/A.safetensors"), ratio), new(TestFiles.Fixture("merge/C.safetensors"))], folder.File(name), new() { Force = true, Method = SvdMerge.MethodName, Numbers = new() { Rank = 2 } }).Path;
        var alone = Enumerable.Range(1, Runs).Select(i => ModelHashes.Sha256(Merge($"{i}.safetensors", i))).ToList();
        var meeting = new Meeting($"{Runs} merges to files of their own");
        for (var round = 0; round < rounds; round++)
        {
            meeting.Run([.. Enumerable.Range(1, Runs).Select(i => (Action)(() => Merge($"{i}.safetensors", i)))]);
            meeting.Check(Enumerable.Range(1, Runs).Where(i => ModelHashes.Sha256(folder.File($"{i}.safetensors")) != alone[i - 1]).Select(i => $"{i}.safetensors is another than when it is made alone"));
        }

        meeting.AddTo(counts, rounds);
    }

    /// <summary>Edits of one file in its place: none is lost that was not refused.</summary>
    private static void Edits(int rounds, Counts counts)
    {
        using var folder = new TemporaryFolder();
        var meeting = new Meeting($"{Runs} edits of one file");
        for (var round = 0; round < rounds; round++)
        {
            var path = folder.File("a.safetensors");
            File.Copy(TestFiles.Fixture("merge/A.safetensors"), path, overwrite: true);
            var finished = meeting.Run([.. Enumerable.Range(0, Runs).Select(i => (Action)(() => LoraMetadataEditor.Edit(path, path, new() { Set = new Dictionary<string, string> { [$"key {i}"] = "set" }, Overwrite = true })))]);
            using var file = SafetensorsFile.Open(path);
            if (file.Metadata.Count(entry => entry.Value == "set") is var set && set != finished)
                meeting.Check([$"{finished} edits finished and {set} are in the file"]);
        }

        meeting.AddTo(counts, rounds);
    }

    /// <summary>Trainings of one name in one folder, with one cache.</summary>
    private static void Trainings(int rounds, Counts counts)
    {
        using var folder = new TrainingFolder();
        TrainingOptions Options() => RandomRun.Options(folder["cat.safetensors"]) with { MaxTrainSteps = 3, SaveEverySteps = 1, Overwrite = true, CachePath = folder["cache"] };
        void Train() => LoraTrainer.Train(folder.Model, RandomRun.Dataset(folder.Pictures), Options());
        Train();
        var whole = folder.Entries.Where(name => name != "cache").ToDictionary(name => name, name => ModelHashes.Sha256(folder[name]));
        var meeting = new Meeting("2 trainings of one name in one folder");
        for (var round = 0; round < rounds; round++)
        {
            Directory.Delete(folder["cache"], recursive: true);
            meeting.Run([Train, Train]);
            meeting.Check(folder.Entries.Where(name => name != "cache").Where(name => whole.GetValueOrDefault(name) != ModelHashes.Sha256(folder[name])).Select(name => $"{name} is not as it is alone"));
        }

        meeting.AddTo(counts, rounds);
        var apart = new Meeting("2 trainings of two names in one folder with one cache");
        for (var round = 0; round < rounds; round++)
        {
            Directory.Delete(folder["cache"], recursive: true);
            apart.Run([Train, () => LoraTrainer.Train(folder.Model, RandomRun.Dataset(folder.Pictures), Options() with { DestinationPath = folder["dog.safetensors"] })]);
            apart.Check(whole.Where(file => file.Value != ModelHashes.Sha256(folder[file.Key])).Select(file => $"{file.Key} is not as it is alone"));
        }

        apart.AddTo(counts, rounds);
    }
}
