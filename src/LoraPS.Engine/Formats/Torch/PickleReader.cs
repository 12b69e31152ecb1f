using System.Buffers.Binary;
using System.Text;

namespace LoraPS.Engine.Formats.Torch;

/// <summary>Reads the pickle of a file of tensors without running anything.</summary>
/// <remarks>
/// A pickle is a program for a small machine with a stack and a memo. This one knows the instructions of protocol 2 that
/// torch.save (torch/serialization.py) writes for dictionaries of tensors; in place of calling what a pickle names, it recognises
/// a short list (<see cref="PickleGlobal"/>) and describes the result. Every other name and instruction is an error. Follows
/// CPython's Lib/pickle.py and Lib/pickletools.py in what each instruction does.
/// </remarks>
/// <param name="bytes">The pickle.</param>
/// <param name="path">Named in errors.</param>
internal sealed class PickleReader(byte[] bytes, string path)
{
    /// <summary>Most values on the stack, and most in the memo.</summary>
    public const int MaxItems = 1 << 20;

    /// <summary>Most values that are made: a byte of a pickle can make an object of fifty.</summary>
    public const int MaxMade = 1 << 22;

    private const int Protocol = 2;

    private static readonly object NoValue = new();
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _position;
    private int _made;

    /// <summary>Reads the whole pickle.</summary>
    /// <returns>Text, long, double, bool, null, list, array for a tuple, <see cref="PickleDictionary"/>, or a <see cref="PickledTensor"/>.</returns>
    /// <exception cref="TorchFileException">It names or does something that is not allowed, or is damaged.</exception>
    public object? Read()
    {
        while ((PickleOpcode)Next(1)[0] is var opcode and not PickleOpcode.Stop)
        {
            if (!Move(opcode) && !Push(opcode) && !Build(opcode))
                throw Refused(TorchFileProblem.Opcode, $"instruction {(Enum.IsDefined(opcode) ? opcode.ToString() : $"0x{(byte)opcode:x2}")} at byte {_position - 1}");
            if (_stack.Count > MaxItems || _marks.Count > MaxItems || _memo.Count > MaxItems || ++_made > MaxMade)
                throw new TorchFileException(TorchFileProblem.Limit, path, $"the pickle holds more than {MaxItems} values at once or makes more than {MaxMade}; files of tensors hold some thousands.");
        }

        return _stack.Count == 1 && _marks.Count == 0 ? _stack[0] : throw Damaged($"it ends with {_stack.Count} values instead of one");
    }

    /// <summary>Instructions that move values, or do nothing.</summary>
    private bool Move(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto:
                return Next(1)[0] == Protocol ? true : throw Refused(TorchFileProblem.Opcode, $"protocol {bytes[_position - 1]}");
            case PickleOpcode.Mark:
                _marks.Add(_stack.Count);
                return true;
            case PickleOpcode.BinPut:
                _memo[Next(1)[0]] = Top();
                return true;
            case PickleOpcode.LongBinPut:
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Next(4))] = Top();
                return true;
            case PickleOpcode.BinGet:
                return Recall(Next(1)[0]);
            case PickleOpcode.LongBinGet:
                return Recall(BinaryPrimitives.ReadUInt32LittleEndian(Next(4)));
            default:
                return false;
        }
    }

    /// <summary>Instructions that push a value.</summary>
    private bool Push(PickleOpcode opcode)
    {
        object? value = opcode switch
        {
            PickleOpcode.None => null,
            PickleOpcode.NewTrue => true,
            PickleOpcode.NewFalse => false,
            PickleOpcode.BinInt => (long)BinaryPrimitives.ReadInt32LittleEndian(Next(4)),
            PickleOpcode.BinInt1 => (long)Next(1)[0],
            PickleOpcode.BinInt2 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Next(2)),
            PickleOpcode.Long1 => WholeNumber(Next(Next(1)[0])),
            PickleOpcode.BinFloat => BinaryPrimitives.ReadDoubleBigEndian(Next(8)),
            PickleOpcode.BinUnicode => Text(Next(BinaryPrimitives.ReadUInt32LittleEndian(Next(4)))),
            PickleOpcode.ShortBinString => Text(Next(Next(1)[0])),
            PickleOpcode.EmptyDict => new PickleDictionary(),
            PickleOpcode.EmptyList => new List<object?>(),
            PickleOpcode.EmptyTuple => Array.Empty<object?>(),
            PickleOpcode.Global => Global($"{Line()}.{Line()}"),
            _ => NoValue,
        };
        if (ReferenceEquals(value, NoValue))
            return false;
        _stack.Add(value);
        return true;
    }

    /// <summary>Instructions that make a value of others.</summary>
    private bool Build(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Tuple:
                _stack.Add(PopToMark());
                return true;
            case PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                _stack.Add(Pop(opcode - PickleOpcode.Tuple1 + 1));
                return true;
            case PickleOpcode.Append:
                AddTo(Pop(1));
                return true;
            case PickleOpcode.Appends:
                AddTo(PopToMark());
                return true;
            case PickleOpcode.SetItem:
                SetIn(Pop(2));
                return true;
            case PickleOpcode.SetItems:
                SetIn(PopToMark());
                return true;
            case PickleOpcode.BinPersId:
                _stack.Add(Storage(Pop(1)[0]));
                return true;
            case PickleOpcode.Reduce:
                var arguments = Pop(1)[0] as object?[] ?? throw Damaged("the arguments of a call are no tuple");
                _stack.Add(Call(Pop(1)[0] as PickleGlobal ?? throw Damaged("something is called that cannot be"), arguments));
                return true;
            case PickleOpcode.Build:
                // Attributes of a dictionary, such as the versions of its modules: nothing that a tensor needs.
                return Pop(1)[0] is PickleDictionary && Top() is PickleDictionary ? true : throw Refused(TorchFileProblem.Opcode, "instruction Build on something other than a dictionary");
            default:
                return false;
        }
    }

    private PickleGlobal Global(string name) => PickleGlobal.Find(name) ?? throw Refused(TorchFileProblem.Global, name);

    private object Call(PickleGlobal global, object?[] arguments) => (global.Name, arguments) switch
    {
        (PickleGlobal.OrderedDictionary, []) => new PickleDictionary(),
        (PickleGlobal.Tensor, [PickledStorage storage, long first, object?[] shape, object?[] strides, ..]) => new PickledTensor(storage, first, Numbers(shape), Numbers(strides)),
        (PickleGlobal.Parameter, [PickledTensor tensor, ..]) => tensor,
        _ => throw Damaged($"{global.Name} is called with arguments it does not take"),
    };

    private PickledStorage Storage(object? id) => id is object?[] and ["storage", PickleGlobal { DType: { } dtype }, string key, string, long and >= 0 and var count, ..]
        ? new(dtype, key, count)
        : throw Damaged("a storage is not named as torch.save does");

    private long[] Numbers(object?[] values) => Array.ConvertAll(values, value => value is long number ? number : throw Damaged("a shape holds something other than whole numbers"));

    private void AddTo(object?[] items) => (Top() as List<object?> ?? throw Damaged("something is added to what is no list")).AddRange(items);

    private void SetIn(object?[] items)
    {
        var dictionary = Top() as PickleDictionary ?? throw Damaged("something is set in what is no dictionary");
        if (items.Length % 2 != 0)
            throw Damaged("a dictionary gets a key without a value");
        for (var i = 0; i < items.Length; i += 2)
            dictionary.Add((items[i], items[i + 1]));
    }

    private bool Recall(uint place)
    {
        _stack.Add(_memo.TryGetValue(place, out var value) ? value : throw Damaged($"value {place} is used before it is remembered"));
        return true;
    }

    /// <summary>Where the values begin that belong to the latest mark.</summary>
    private int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    private object? Top() => _stack.Count > Floor ? _stack[^1] : throw Damaged("a value is used that is not there");

    private object?[] Pop(int count) => _stack.Count - Floor >= count ? Take(_stack.Count - count) : throw Damaged("a value is used that is not there");

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Damaged("a mark is used that is not there");
        var items = Take(_marks[^1]);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    private object?[] Take(int start)
    {
        var items = new object?[_stack.Count - start];
        _stack.CopyTo(start, items, 0, items.Length);
        _stack.RemoveRange(start, items.Length);
        return items;
    }

    private long WholeNumber(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > sizeof(long))
            throw Damaged("a whole number is larger than 64 bits");
        Span<byte> all = stackalloc byte[sizeof(long)];
        all.Fill(digits.Length > 0 && (digits[^1] & 0x80) != 0 ? (byte)0xff : (byte)0);
        digits.CopyTo(all);
        return BinaryPrimitives.ReadInt64LittleEndian(all);
    }

    private string Text(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw new TorchFileException(TorchFileProblem.Pickle, path, "the pickle is damaged: a text is not UTF-8.", e);
        }
    }

    private string Line()
    {
        var length = bytes.AsSpan(_position).IndexOf((byte)'\n');
        var line = Text(Next(length >= 0 ? length : throw Damaged("a name does not end")));
        _position++;
        return line;
    }

    private ReadOnlySpan<byte> Next(long count)
    {
        if (count > bytes.Length - _position)
            throw Damaged("it is cut short");
        _position += (int)count;
        return bytes.AsSpan(_position - (int)count, (int)count);
    }

    private TorchFileException Damaged(string detail) => new(TorchFileProblem.Pickle, path, $"the pickle is damaged: {detail}.");

    private TorchFileException Refused(TorchFileProblem problem, string what) => new(
        problem, path, $"it asks for {what}, which a file of tensors has no need of and which could run code. It was not read. Get the file as safetensors.");
}
